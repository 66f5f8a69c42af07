// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.status;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.link.Agent;
import dev.chaperone.ui.link.AgentException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javafx.application.Platform;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.RadioButton;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleGroup;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/**
 * Where a person pauses inspection, as long as policy allows it, and ends a pause. There is nothing
 * to see where policy allows none. No default button: a pause is never begun by Enter alone. On the
 * JavaFX thread.
 */
final class PausePane extends VBox {
    /** What is offered besides the longest, minutes. */
    private static final List<Integer> USUAL = List.of(5, 15, 30, 60, 120, 240);

    private static final int MAX_SENTENCE = 300;

    private final Agent agent;
    private final Words words;
    private final Button open;
    private final Button resume;
    private final VBox form = new VBox(10);
    private final FlowPane times = new FlowPane(16, 8);
    private final Label why;
    private final TextField reason = new TextField();
    private final Button start;
    private final Label problem = Parts.text("", "notice", "notice-wrong");
    private ToggleGroup chosen = new ToggleGroup();
    private AgentStatus.@Nullable Pause pause;
    private boolean asking;
    private boolean waiting;

    PausePane(Agent agent, Words words) {
        super(10);
        this.agent = agent;
        this.words = words;
        open = Parts.button("pause", words.get("pause.open"), this::ask);
        resume = Parts.button("resume", words.get("pause.resume"), this::resume, "accent");
        start = Parts.button("pause-start", "", this::start, "danger");
        Button cancel = Parts.button("pause-cancel", words.get("pause.cancel"), this::cancel);
        why = Parts.text("", "strong");
        why.setLabelFor(reason);
        reason.setId("pause-reason");
        reason.textProperty()
                .addListener((_, _, now) -> {
                    if (now.length() > PauseRequest.MAX_REASON) {
                        reason.setText(now.substring(0, PauseRequest.MAX_REASON));
                    }
                    refresh();
                });
        problem.setId("pause-problem");
        form.setId("pause-form");
        form.getStyleClass().add("panel");
        form.getChildren()
                .setAll(
                        Parts.text(words.get("pause.title"), "title-4"),
                        Parts.text(words.get("pause.says")),
                        Parts.text(words.get("pause.how-long"), "strong"),
                        times,
                        why,
                        reason,
                        new FlowPane(8, 8, cancel, start));
        form.addEventHandler(
                KeyEvent.KEY_PRESSED,
                key -> {
                    if (key.getCode() == KeyCode.ESCAPE) {
                        key.consume();
                        cancel();
                    }
                });
        getChildren().setAll(open, resume, form, problem);
        say("");
        refresh();
    }

    /**
     * Shows what may be done now.
     *
     * @param now null where policy allows no pause, or nobody knows
     * @param state while the agent is away, or has said nothing yet, the form is out of sight and
     *     keeps what was typed: it may only be starting anew
     */
    void set(AgentStatus.@Nullable Pause now, Health.State state) {
        boolean silent = state == Health.State.AWAY || state == Health.State.UNKNOWN;
        AgentStatus.Pause before = pause;
        pause = now;
        boolean changed = !java.util.Objects.equals(before, now);
        if (asking && now == null && !silent) {
            asking = false;
            say(words.get("pause.not-allowed"));
        } else if (changed && now != null) {
            say("");
        }
        boolean paused = now != null && now.until() != null;
        boolean begun = asking && paused;
        boolean ended = resume.isFocused() && !paused;
        asking = asking && !paused;
        if (now != null && (before == null || before.longest() != now.longest())) {
            offer(now.longest());
        }
        refresh();
        if (begun) { // the keyboard stays with what the person does here
            resume.requestFocus();
        } else if (ended) {
            open.requestFocus();
        }
    }

    /** Asks for how long and why, with the keyboard at the first of it. */
    void ask() {
        if (pause == null) {
            say(words.get("pause.not-allowed"));
        } else if (pause.until() == null) {
            if (!asking) {
                reason.clear();
                chosen.selectToggle(chosen.getToggles().getFirst());
            }
            asking = true;
            say("");
        }
        refresh();
        if (asking && chosen.getSelectedToggle() instanceof RadioButton first) {
            first.requestFocus();
        } else if (resume.isVisible()) {
            resume.requestFocus();
        }
    }

    private void cancel() {
        asking = false;
        say("");
        refresh();
        open.requestFocus();
    }

    private void offer(int longest) {
        chosen = new ToggleGroup();
        times.getChildren()
                .setAll(
                        Stream.concat(
                                        USUAL.stream().filter(minutes -> minutes < longest),
                                        Stream.of(longest))
                                .map(this::time)
                                .toList());
        chosen.selectToggle(chosen.getToggles().getFirst());
        chosen.selectedToggleProperty().addListener(_ -> refresh());
    }

    private RadioButton time(int minutes) {
        RadioButton time = new RadioButton(duration(minutes));
        time.setId("pause-" + minutes);
        time.setAccessibleText(words.get("pause.how-long") + " " + time.getText());
        time.setMinWidth(USE_PREF_SIZE);
        time.setUserData(minutes);
        time.setToggleGroup(chosen);
        return time;
    }

    private String duration(int minutes) {
        return minutes % 60 == 0
                ? words.get("pause.hours", minutes / 60)
                : words.get("pause.minutes", minutes);
    }

    private int minutes() {
        return chosen.getSelectedToggle() != null
                        && chosen.getSelectedToggle().getUserData() instanceof Integer minutes
                ? minutes
                : 0;
    }

    // ---- what the person does

    private void start() {
        String words = reason.getText().strip();
        send(() -> agent.pause(minutes(), words));
    }

    private void resume() {
        send(agent::resume);
    }

    /** One at a time. Nothing is disabled meanwhile, or the keyboard would move on. */
    private void send(Supplier<CompletableFuture<?>> request) {
        if (!waiting) {
            waiting = true;
            say("");
            refresh();
            request.get().whenComplete((_, failure) -> Platform.runLater(() -> done(failure)));
        }
    }

    /** A pause begins and ends on the screen when the agent's status says so. */
    private void done(@Nullable Throwable failure) {
        waiting = false;
        if (failure != null) {
            failed(failure);
        }
    }

    /** Says why the agent did not do it. */
    void failed(Throwable failure) {
        Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
        say(
                AgentException.codeOf(failure) == AgentException.NO_AGENT
                        ? words.get("pause.silent")
                        : words.get(
                                "pause.refused",
                                Inert.line(String.valueOf(cause.getMessage()), MAX_SENTENCE)));
        refresh();
    }

    private void say(String says) {
        problem.setText(says);
        Parts.show(problem, !says.isEmpty());
    }

    private void refresh() {
        boolean paused = pause != null && pause.until() != null;
        boolean required = pause != null && pause.reasonRequired();
        Parts.show(open, pause != null && !paused && !asking);
        Parts.show(resume, paused);
        Parts.show(form, asking && pause != null);
        why.setText(words.get(required ? "pause.reason" : "pause.reason-optional"));
        reason.setAccessibleText(why.getText());
        start.setText(words.get("pause.start", duration(minutes())));
        start.setAccessibleText(start.getText());
        start.setDisable(minutes() == 0 || required && reason.getText().strip().isEmpty());
        Parts.show(this, pause != null || problem.isVisible());
    }
}
