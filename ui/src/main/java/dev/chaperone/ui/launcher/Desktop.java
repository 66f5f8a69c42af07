// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import dev.chaperone.ui.card.CardDesk;
import dev.chaperone.ui.common.Look;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.demo.SimulatedPerson;
import dev.chaperone.ui.link.Agent;
import dev.chaperone.ui.link.AgentListener;
import dev.chaperone.ui.status.Health;
import dev.chaperone.ui.tray.Tray;
import dev.chaperone.ui.tray.TrayActions;
import dev.chaperone.ui.tray.TrayState;
import dev.chaperone.ui.window.MainWindow;
import dev.chaperone.ui.window.MainWindow.Tab;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings what the agent says to the tray and to the windows, which are made when they are first
 * needed. Called from the link's, the tray's and the JavaFX thread.
 */
final class Desktop implements AgentListener, TrayActions {
    private final Agent agent;
    private final Words words;
    private final Console console;
    private final JavaFx fx;
    private final LongSupplier clock;
    private final boolean endsWithWindow;
    private final SimulatedPerson person;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile Tray tray = Tray.NONE;
    // Guarded by this:
    private final Set<UUID> open = new LinkedHashSet<>();
    private Health health = Health.away();
    // On the JavaFX thread only:
    private @Nullable CardDesk cards;
    private @Nullable MainWindow window;

    /**
     * @param agent made from its listener, as the two need each other
     * @param clock nanoseconds, as {@link System#nanoTime}
     * @param endsWithWindow whether the process ends when the person closes the main window
     * @param person told of each card on the screen
     */
    Desktop(
            Function<AgentListener, Agent> agent,
            Words words,
            Look.Theme theme,
            Console console,
            LongSupplier clock,
            boolean endsWithWindow,
            SimulatedPerson person) {
        this.words = words;
        this.console = console;
        this.clock = clock;
        this.endsWithWindow = endsWithWindow;
        this.person = person;
        this.fx = new JavaFx(theme, this::noDisplay);
        this.agent = agent.apply(this);
    }

    Agent agent() {
        return agent;
    }

    /** Completed with the exit status when the process is to end. */
    CompletableFuture<Integer> ended() {
        return ended;
    }

    void use(Tray found) {
        tray = found;
        found.show(state());
    }

    private void noDisplay() {
        console.complain(
                "no display: it does not answer. On this machine use: chaperone pending, chaperone answer");
        ended.complete(ExitStatus.ENVIRONMENT);
    }

    void close() {
        tray.close();
        fx.stop();
    }

    // ---- what the agent says

    @Override
    public void connected(List<Question> questions, long read) {
        synchronized (this) {
            open.clear();
            questions.forEach(q -> open.add(q.id()));
            if (health.state() == Health.State.AWAY) {
                health = Health.of(new AgentStatus(questions.size(), "", List.of()));
            }
        }
        changed();
        if (!questions.isEmpty() || fx.isStarted()) {
            fx.run(() -> cards().connected(questions, read));
        }
        pages();
    }

    @Override
    public void disconnected() {
        synchronized (this) {
            open.clear();
            health = Health.away();
        }
        changed();
        if (fx.isStarted()) {
            fx.run(() -> cards().disconnected());
        }
    }

    @Override
    public void asked(Question question, long read) {
        synchronized (this) {
            open.add(question.id());
        }
        changed();
        fx.run(() -> cards().asked(question, read));
    }

    @Override
    public void withdrawn(Settled settled) {
        synchronized (this) {
            open.remove(settled.id());
        }
        changed();
        if (fx.isStarted()) {
            fx.run(() -> cards().withdrawn(settled));
        }
        pages();
    }

    @Override
    public void noticed(Notice notice) {
        tray.tell(notice);
        pages();
    }

    @Override
    public void status(AgentStatus status) {
        synchronized (this) {
            health = Health.of(status);
        }
        changed();
    }

    private void changed() {
        tray.show(state());
        if (fx.isStarted()) {
            fx.run(() -> {
                if (window != null) {
                    window.health(health());
                }
            });
        }
    }

    private void pages() {
        if (fx.isStarted()) {
            fx.run(() -> {
                if (window != null) {
                    window.changed();
                }
            });
        }
    }

    private synchronized Health health() {
        return health;
    }

    private synchronized TrayState state() {
        TrayState.Mood mood =
                !open.isEmpty()
                        ? TrayState.Mood.ASKS
                        : switch (health.state()) {
                            case AWAY -> TrayState.Mood.AWAY;
                            case PAUSED -> TrayState.Mood.PAUSED;
                            case UNPROTECTED -> TrayState.Mood.UNPROTECTED;
                            case UNKNOWN, PROTECTED -> TrayState.Mood.PROTECTED;
                        };
        return new TrayState(mood, open.size(), health.status().pause());
    }

    // ---- what the person asks for

    @Override
    public void showCard() {
        fx.run(() -> cards().bringForward());
    }

    @Override
    public void showHistory() {
        show(Tab.HISTORY);
    }

    @Override
    public void showCollected() {
        show(Tab.COLLECTED);
    }

    @Override
    public void showStatus() {
        show(Tab.STATUS);
    }

    @Override
    public void askPause() {
        fx.run(() -> window().askPause());
    }

    @Override
    public void resume() {
        CompletableFuture<Boolean> ignored =
                agent.resume()
                        .whenComplete((_, failure) -> {
                            if (failure != null) {
                                fx.run(() -> window().pauseFailed(failure));
                            }
                        });
    }

    void show(Options.Show what) {
        if (what == Options.Show.CARD) {
            showCard();
        } else {
            show(what.tab());
        }
    }

    private void show(Tab tab) {
        fx.run(() -> window().open(tab));
    }

    @Override
    public void quit() {
        ended.complete(ExitStatus.DONE);
    }

    // ---- the windows, on the JavaFX thread

    private void cardShown(Question question, long millis) {
        console.cardShown(question, millis);
        person.cardShown();
    }

    private CardDesk cards() {
        CardDesk made = cards;
        if (made == null) {
            made = new CardDesk(agent, words, clock, this::cardShown);
            cards = made;
        }
        return made;
    }

    private MainWindow window() {
        MainWindow made = window;
        if (made == null) {
            made =
                    new MainWindow(
                            agent, words, this::showCard, endsWithWindow ? this::quit : () -> {});
            made.health(health());
            window = made;
        }
        return made;
    }
}
