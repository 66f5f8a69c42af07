// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.Pause;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Paused;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.testing.TestAgent.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import javafx.scene.control.RadioButton;
import javafx.scene.control.TextField;
import javafx.scene.control.TextInputControl;
import javafx.scene.input.KeyCode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pause, begun and ended by mouse and by keyboard; the oracle is the line the agent reads. */
class PausingTest {
    private static final Instant UNTIL = Instant.parse("2035-06-01T09:30:00Z");

    private @TempDir Path folder;
    private Stand stand;

    @BeforeEach
    void start() throws IOException {
        stand = new Stand(folder, "en");
        stand.agent().reply(Ipc.PAUSE, _ -> Reply.of(new Paused(UNTIL)));
        stand.agent().reply(Ipc.RESUME, _ -> Reply.of(true));
    }

    @AfterEach
    void stop() throws IOException {
        stand.close();
    }

    /** The agent says what this user may do and has done. */
    private void may(@Nullable Pause pause) {
        Check bad = new Check("pause", State.BAD, "paused until then", "chaperone resume");
        Check good = new Check("pause", State.OK, "nothing is paused", "");
        boolean paused = pause != null && pause.until() != null;
        stand.agent()
                .tell(Ipc.STATUS, new AgentStatus(0, "0.1.0", List.of(paused ? bad : good), pause));
    }

    private String asked(String method) {
        stand.fx.until(method, () -> !stand.agent().requests(method).isEmpty());
        return stand.agent().requests(method).getLast();
    }

    private boolean isFocused(String id) {
        return stand.fx.on(() -> stand.fx.find(id).filter(n -> n.isFocused()).isPresent());
    }

    @Test
    void nothingIsOfferedWherePolicyAllowsNone() {
        stand.desktop.show(Options.Show.STATUS);
        may(null);
        stand.fx.says("headline", "You are protected");
        assertThat(stand.fx.find("pause")).isEmpty();
        stand.desktop.askPause(); // a menu that was read before
        stand.fx.says("pause-problem", "Your company's policy allows no pause now.");
        assertThat(stand.fx.find("pause-form")).isEmpty();
    }

    @Test
    void personChoosesHowLongSaysWhyAndEndsIt() {
        stand.desktop.show(Options.Show.STATUS);
        may(new Pause(20, true, null));
        stand.fx.click("pause");
        for (String offered : List.of("pause-5", "pause-15", "pause-20")) {
            stand.fx.seen(offered);
        }
        assertThat(stand.fx.find("pause-30")).isEmpty();
        assertThat(stand.fx.text("pause-start")).isEqualTo("Pause for 5 minutes");
        assertThat(stand.fx.isDisabled("pause-start")).isTrue();
        stand.fx.click("pause-15");
        stand.fx.click("pause-reason");
        stand.fx.robot().write("   ");
        assertThat(stand.fx.isDisabled("pause-start")).isTrue();
        stand.fx.robot().write("a tool breaks");
        may(new Pause(20, true, null)); // told again: what was chosen stays
        assertThat(stand.fx.text("pause-start")).isEqualTo("Pause for 15 minutes");
        stand.fx.click("pause-start");
        assertThat(asked(Ipc.PAUSE))
                .contains(
                        "\"params\":{\"minutes\":15,\"reason\":\"a tool breaks\",\"via\":\"UI\"}");

        may(new Pause(20, true, UNTIL));
        stand.fx.says("headline", "Protection is paused");
        assertThat(stand.fx.find("pause-form")).isEmpty();
        assertThat(stand.fx.find("pause")).isEmpty();
        stand.fx.says("headline-says", "Until " + Words.in("en").clock(UNTIL) + " nothing");
        stand.fx.click("resume");
        assertThat(asked(Ipc.RESUME)).contains("\"params\":{}");
        may(new Pause(20, true, null));
        stand.fx.says("headline", "You are protected");
        stand.fx.gone("resume");
        stand.fx.seen("pause");
    }

    @Test
    void keyboardIsEnoughAndEnterBeginsNothing() {
        stand.desktop.show(Options.Show.STATUS);
        may(new Pause(480, true, null));
        stand.fx.seen("pause");
        stand.desktop.askPause(); // as the tray does
        stand.fx.until("the first has the keyboard", () -> isFocused("pause-5"));
        stand.fx.robot().push(KeyCode.DOWN);
        assertThat(stand.fx.on(() -> ((RadioButton) node("pause-15")).isSelected())).isTrue();
        stand.fx.robot().push(KeyCode.TAB);
        assertThat(isFocused("pause-reason")).isTrue();
        stand.fx.robot().write("why").push(KeyCode.ENTER);
        assertThat(stand.agent().requests(Ipc.PAUSE)).isEmpty();
        stand.fx.robot().push(KeyCode.ESCAPE);
        stand.fx.gone("pause-form");
        assertThat(isFocused("pause")).isTrue();
        stand.fx.robot().push(KeyCode.SPACE);
        stand.fx.until("asks anew", () -> isFocused("pause-5"));
        assertThat(stand.fx.on(() -> ((TextField) node("pause-reason")).getText())).isEmpty();
        stand.fx.robot().push(KeyCode.TAB).write("why").push(KeyCode.TAB).push(KeyCode.TAB);
        assertThat(isFocused("pause-start")).isTrue();
        stand.fx.robot().push(KeyCode.SPACE);
        assertThat(asked(Ipc.PAUSE)).contains("\"minutes\":5,\"reason\":\"why\"");
        may(new Pause(480, true, UNTIL));
        stand.fx.until("its end has the keyboard", () -> isFocused("resume"));
        stand.fx.robot().push(KeyCode.SPACE);
        assertThat(asked(Ipc.RESUME)).contains("\"params\":{}");
        may(new Pause(480, true, null));
        stand.fx.until("its beginning has the keyboard", () -> isFocused("pause"));
    }

    private javafx.scene.Node node(String id) {
        return stand.fx.find(id).orElseThrow();
    }

    @Test
    void reasonMayStayEmptyWherePolicySaysSoAndIsNeverTooLong() {
        stand.desktop.show(Options.Show.STATUS);
        may(new Pause(1, false, null));
        stand.fx.click("pause");
        assertThat(stand.fx.text("pause-start")).isEqualTo("Pause for 1 minute");
        assertThat(stand.fx.isDisabled("pause-start")).isFalse();
        stand.fx.on(() -> {
            ((TextField) node("pause-reason")).setText("x".repeat(201));
            return true;
        });
        assertThat(stand.fx.on(() -> ((TextField) node("pause-reason")).getText())).hasSize(200);
        stand.fx.on(() -> {
            ((TextField) node("pause-reason")).clear();
            return true;
        });
        stand.fx.click("pause-start");
        assertThat(asked(Ipc.PAUSE)).contains("\"minutes\":1,\"reason\":null,");
    }

    @Test
    void refusalIsShownInWordsAndCanBeTriedAgain() {
        stand.agent()
                .reply(
                        Ipc.PAUSE,
                        _ ->
                                Reply.error(
                                        Ipc.NOT_ALLOWED,
                                        "an AI agent (\u202Ex) cannot do that; a person has to"));
        stand.desktop.show(Options.Show.STATUS);
        may(new Pause(30, false, null));
        stand.fx.click("pause");
        stand.fx.click("pause-start");
        stand.fx.says(
                "pause-problem",
                "Nothing was changed: an AI agent (\\u{202E}x) cannot do that; a person has to.");
        assertThat(isFocused("pause-start")).isTrue(); // it can be tried again
        stand.agent().drop();
        stand.fx.gone("pause-form"); // nobody knows what is allowed
    }

    @Test
    void policyThatAllowsNoneAnyMoreClosesTheForm() {
        stand.desktop.show(Options.Show.STATUS);
        may(new Pause(30, true, null));
        stand.fx.click("pause");
        may(new Pause(10, true, null));
        stand.fx.gone("pause-30");
        stand.fx.seen("pause-10");
        may(null);
        stand.fx.says("pause-problem", "allows no pause now");
        assertThat(stand.fx.find("pause-form")).isEmpty();
        may(new Pause(30, true, null));
        stand.fx.gone("pause-problem");
        stand.fx.seen("pause");
    }

    @Test
    void whatWasTypedOutlivesANewStartOfTheAgent() throws IOException {
        stand.desktop.show(Options.Show.STATUS);
        may(new Pause(30, true, null));
        stand.fx.click("pause");
        stand.fx.click("pause-reason");
        stand.fx.robot().write("a tool breaks");
        stand.agent().close();
        stand.fx.says("connection", "Not connected");
        stand.fx.gone("pause-form");
        stand.restart();
        stand.fx.says("connection", "Connected to the agent");
        may(new Pause(30, true, null));
        stand.fx.seen("pause-form");
        assertThat(stand.fx.find("pause-problem").filter(n -> n.isVisible())).isEmpty();
        assertThat(
                        stand.fx.on(() ->
                                ((TextInputControl) stand.fx.find("pause-reason").orElseThrow())
                                        .getText()))
                .isEqualTo("a tool breaks");
    }

    @Test
    void trayEndsItAndSaysWhenTheAgentDoesNot() {
        may(new Pause(30, true, UNTIL));
        stand.desktop.resume();
        String ignored = asked(Ipc.RESUME);
        stand.agent().reply(Ipc.RESUME, _ -> Reply.error(Ipc.INTERNAL_ERROR, "too many"));
        stand.desktop.resume();
        stand.fx.says("pause-problem", "Nothing was changed: too many.");
        stand.fx.says("headline", "Protection is paused");
    }
}
