// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.ui.testing.TestAgent.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javafx.scene.control.ListView;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every page of the main window and every button on it, pressed by the robot. */
class PagesJourneyTest {
    private @TempDir Path folder;
    private Stand stand;

    @BeforeEach
    void start() throws IOException {
        stand = new Stand(folder, "en");
    }

    @AfterEach
    void stop() throws IOException {
        stand.close();
    }

    private static Activity activity(String service, Action action, Outcome outcome) {
        return new Activity(
                UUID.randomUUID(),
                Instant.now(),
                service,
                "curl",
                "code",
                action,
                outcome,
                "rule-of-" + service,
                "Because of " + service + ".",
                Map.of("IBAN", 2),
                Map.of(),
                null,
                0);
    }

    private int rows() {
        return stand.fx.on(
                () -> ((ListView<?>) stand.fx.find("activities").orElseThrow()).getItems().size());
    }

    @Test
    void historyIsFilteredByTextAndAction() {
        stand.agent()
                .reply(
                        Ipc.ACTIVITY,
                        _ ->
                                Reply.of(
                                        List.of(
                                                activity(
                                                        "chatgpt",
                                                        Action.REDACT,
                                                        Outcome.SENT_REDACTED),
                                                activity("gemini", Action.BLOCK, Outcome.BLOCKED),
                                                activity("claude", Action.ALLOW, Outcome.SENT))));
        stand.desktop.show(Options.Show.HISTORY);
        stand.fx.until("three", () -> rows() == 3);
        stand.fx.click("only-block");
        assertThat(rows()).isEqualTo(1);
        stand.fx.click("only-block"); // pressed again it stays
        assertThat(rows()).isEqualTo(1);
        stand.fx.click("only-warn");
        assertThat(rows()).isZero();
        stand.fx.says("history-empty", "Nothing fits");
        for (String each : List.of("allow", "redact", "coach", "all")) {
            stand.fx.click("only-" + each);
        }
        assertThat(rows()).isEqualTo(3);
        stand.fx.click("history-filter");
        stand.fx.robot().write("GEMINI");
        assertThat(rows()).isEqualTo(1);
        stand.fx.robot().eraseText(6).write("bank account"); // what was found, in words
        assertThat(rows()).isEqualTo(3);
        stand.fx.click("history-refresh");
        stand.fx.until("asked again", () -> stand.agent().requests(Ipc.ACTIVITY).size() == 2);
    }

    @Test
    void historyIsReadAgainWhenSomethingIsDecided() {
        AtomicReference<List<Activity>> known = new AtomicReference<>(List.of());
        stand.agent().reply(Ipc.ACTIVITY, _ -> Reply.of(known.get()));
        stand.desktop.show(Options.Show.HISTORY);
        stand.fx.says("history-empty", "Nothing has been decided yet.");
        known.set(List.of(activity("gemini", Action.BLOCK, Outcome.BLOCKED)));
        stand.agent()
                .tell(
                        Ipc.NOTIFY,
                        new Notice(UUID.randomUUID(), "gemini", "curl", Action.BLOCK, "No."));
        stand.fx.until("one", () -> rows() == 1);
    }

    @Test
    void historySaysThatThereIsNoAgent() throws IOException {
        stand.agent().close();
        stand.desktop.show(Options.Show.HISTORY);
        stand.fx.says("history-empty", "no connection to the agent");
    }

    @Test
    void agentThatDoesNotKnowTheLedgerIsSaid() {
        stand.desktop.show(Options.Show.COLLECTED);
        stand.fx.says("ledger-problem", "The agent could not answer this.");
    }

    @Test
    void keptValuesAreDeletedOnlyAfterAsking() {
        AtomicReference<Long> kept = new AtomicReference<>(3L);
        stand.agent()
                .reply(
                        Ipc.LEDGER,
                        _ ->
                                Reply.of(
                                        new Ledger(
                                                "Since <b>today</b>.",
                                                List.of(
                                                        new Ledger.Field(
                                                                "event", "service", true, "w", "p",
                                                                "r", "e")),
                                                List.of(
                                                        new Ledger.OptOut(
                                                                Ledger.Kind.WARN_ONLY,
                                                                "new",
                                                                "s",
                                                                2)),
                                                kept.get())));
        stand.agent().reply(Ipc.FORGET, _ -> Reply.of(kept.getAndSet(0L)));
        stand.desktop.show(Options.Show.COLLECTED);
        stand.fx.says("enforcement", "Since <b>today</b>.");
        stand.fx.says("kept", "3 redacted values");
        stand.fx.click("forget");
        stand.fx.says("kept", "Delete?");
        stand.fx.click("forget-no");
        stand.fx.says("kept", "3 redacted values");
        assertThat(stand.agent().requests(Ipc.FORGET)).isEmpty();
        stand.fx.click("forget");
        stand.fx.click("forget-yes");
        stand.fx.says("kept", "3 values were deleted.");
        assertThat(stand.agent().requests(Ipc.FORGET)).hasSize(1);
        assertThat(stand.fx.isDisabled("forget")).isTrue();
        stand.fx.click("ledger-refresh");
        stand.fx.says("kept", "No redacted values");
        assertThat(stand.agent().requests(Ipc.LEDGER).getFirst())
                .contains("\"params\":{\"language\":\"en\"}");
    }

    @Test
    void statusSaysWhetherThePersonIsProtected() throws IOException {
        stand.desktop.show(Options.Show.STATUS);
        stand.fx.says("headline", "Connected");
        Check good = new Check("proxy", State.OK, "The proxy listens.", "");
        stand.agent().tell(Ipc.STATUS, new AgentStatus(0, "0.1.0", List.of(good)));
        stand.fx.says("headline", "You are protected");
        stand.fx.says("agent-version", "Agent 0.1.0");
        stand.fx.gone("show-card");
        Check bad = new Check("trust", State.BAD, "Not trusted.", "Run: chaperone trust");
        stand.agent().tell(Ipc.STATUS, new AgentStatus(0, "0.1.0", List.of(good, bad)));
        stand.fx.says("headline", "You are not protected");
        assertThat(
                        stand.fx.on(() ->
                                stand.fx.find("checks").orElseThrow().lookupAll(".label").stream()
                                        .map(n -> ((javafx.scene.control.Label) n).getText())
                                        .toList()))
                .contains("What to do: Run: chaperone trust", "Missing", "In order");
        stand.agent().close();
        stand.fx.says("headline", "Looking for the agent");
        stand.fx.says("connection", "Not connected");
        stand.restart();
        stand.fx.says("connection", "Connected to the agent");
    }

    @Test
    void openQuestionIsReachedFromTheStatusPage() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.clear();
        stand.desktop.show(Options.Show.STATUS);
        stand.agent().tell(Ipc.STATUS, new AgentStatus(1, "0.1.0", List.of()));
        stand.fx.says("open-questions", "One question is open");
        stand.fx.click("show-card");
        stand.fx.seen("safe");
    }

    @Test
    void navigationLeadsToEveryPage() {
        stand.desktop.show(Options.Show.STATUS);
        stand.fx.seen("status");
        stand.fx.click("nav-history");
        stand.fx.seen("history");
        stand.fx.click("nav-collected");
        stand.fx.seen("collected");
        stand.fx.click("nav-status");
        stand.fx.seen("status");
    }
}
