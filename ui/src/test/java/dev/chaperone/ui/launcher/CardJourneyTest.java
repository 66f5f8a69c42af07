// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Settled;
import dev.chaperone.ui.testing.TestAgent.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import javafx.scene.control.CheckBox;
import javafx.scene.control.TextArea;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every button of the card, pressed by the robot; the oracle is the line that the agent reads. */
class CardJourneyTest {
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

    private static String line(int id, String choice) {
        return "{\"jsonrpc\":\"2.0\",\"id\":"
                + id
                + ",\"method\":\"answer\",\"params\":{\"id\":\""
                + Stand.FIRST
                + "\",\"choice\":"
                + choice
                + ",\"via\":\"UI\"}}";
    }

    private String preview() {
        stand.fx.seen("preview");
        return stand.fx.on(() ->
                stand.fx
                        .find("preview")
                        .orElseThrow()
                        .lookupAll(".marked-text")
                        .iterator()
                        .next()
                        .getAccessibleText());
    }

    @Test
    void safeButtonSendsAllRedacted() {
        stand.ask(Stand.question(Stand.FIRST));
        assertThat(preview()).isEqualTo("pay with [CREDIT_CARD-1], mail [EMAIL-1] now");
        stand.fx.click("safe");
        assertThat(stand.answer())
                .isEqualTo(line(3, "{\"do\":\"redact\",\"marks\":null,\"reason\":null}"));
        stand.fx.says("notice", "Sent, without what was found.");
    }

    @Test
    void leavingOneInNeedsAReasonAndShowsInThePreview() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.gone("reason-box");
        stand.fx.click("mark-2");
        assertThat(preview()).isEqualTo("pay with [CREDIT_CARD-1], mail MAIL-TWO now");
        assertThat(stand.fx.isDisabled("safe")).isTrue();
        stand.fx.click("reason");
        stand.fx.robot().write("a b c");
        assertThat(stand.fx.isDisabled("safe")).isTrue();
        stand.fx.robot().write(" de");
        assertThat(stand.fx.isDisabled("safe")).isFalse();
        stand.fx.click("safe");
        assertThat(stand.answer())
                .isEqualTo(line(3, "{\"do\":\"redact\",\"marks\":[1],\"reason\":\"a b c de\"}"));
    }

    @Test
    void requiredMarkCannotBeLeftIn() {
        stand.ask(Stand.question(Stand.FIRST, Stand.TEXT, true, true));
        assertThat(stand.fx.isDisabled("mark-1")).isTrue();
        stand.fx.click("mark-1");
        assertThat(
                        stand.fx.on(() ->
                                ((CheckBox) stand.fx.find("mark-1").orElseThrow()).isSelected()))
                .isTrue();
        assertThat(stand.fx.on(() -> stand.fx.find("mark-1").orElseThrow().getAccessibleText()))
                .contains("always taken out");
    }

    @Test
    void sendingAsItIsNeedsAReason() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("send");
        assertThat(stand.fx.isDisabled("send")).isTrue();
        assertThat(stand.agent().requests(Ipc.ANSWER)).isEmpty();
        stand.fx.robot().write("audit"); // the reason has the keyboard
        stand.fx.click("send");
        assertThat(stand.answer()).isEqualTo(line(3, "{\"do\":\"send\",\"reason\":\"audit\"}"));
        stand.fx.says("notice", "Sent as it is.");
    }

    @Test
    void editedTextIsSent() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("edit");
        assertThat(stand.fx.isDisabled("send-edited")).isTrue();
        stand.fx.robot().press(KeyCode.CONTROL).type(KeyCode.A).release(KeyCode.CONTROL);
        stand.fx.robot().write("pay later");
        stand.fx.click("send-edited");
        assertThat(stand.answer())
                .isEqualTo(line(3, "{\"do\":\"edit\",\"texts\":{\"0\":\"pay later\"}}"));
    }

    @Test
    void backFromEditingKeepsTheDraft() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("edit");
        stand.fx.robot().press(KeyCode.CONTROL).type(KeyCode.A).release(KeyCode.CONTROL);
        stand.fx.robot().write("draft");
        stand.fx.click("back");
        stand.fx.gone("editor");
        stand.fx.click("edit");
        assertThat(stand.fx.on(() -> ((TextArea) stand.fx.find("draft-0").orElseThrow()).getText()))
                .isEqualTo("draft");
    }

    @Test
    void cancelSendsNothing() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("cancel");
        assertThat(stand.answer()).isEqualTo(line(3, "{\"do\":\"cancel\"}"));
        stand.fx.says("notice", "Not sent.");
    }

    @Test
    void withoutARedactedVersionTheSafeButtonCancels() {
        stand.ask(Stand.question(Stand.FIRST, Stand.TEXT, false, false));
        assertThat(stand.fx.text("safe")).isEqualTo("Do not send");
        assertThat(stand.fx.text("countdown")).contains("Without an answer it is not sent.");
        stand.fx.gone("preview");
        stand.fx.gone("mark-1");
        stand.fx.gone("cancel");
        stand.fx.click("safe");
        assertThat(stand.answer()).isEqualTo(line(3, "{\"do\":\"cancel\"}"));
    }

    @Test
    void questionsAreShownOneAfterTheOther() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.gone("others");
        stand.agent()
                .tell(
                        Ipc.COACH,
                        Stand.question(Stand.SECOND, "mail MAIL-TWO to CARD-ONE", true, false));
        stand.fx.says("others", "1 more question waits");
        stand.fx.click("safe");
        stand.shown(Stand.SECOND);
        stand.fx.gone("others");
        assertThat(preview()).isEqualTo("mail [EMAIL-1] to [CREDIT_CARD-1]");
        stand.fx.click("safe");
        stand.fx.until("two answers", () -> stand.agent().requests(Ipc.ANSWER).size() == 2);
        assertThat(stand.answer()).contains(Stand.SECOND.toString());
        stand.fx.gone("safe");
    }

    @Test
    void answeredElsewhereIsSaidAndStays() {
        stand.agent().reply(Ipc.ANSWER, _ -> Reply.error(Ipc.ALREADY_ANSWERED, "answered"));
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("safe");
        stand.fx.says("notice", "This was answered before");
        stand.fx.click("copy");
        assertThat(stand.fx.on(() -> javafx.scene.input.Clipboard.getSystemClipboard().getString()))
                .isEqualTo(Stand.TEXT);
        stand.fx.click("close");
        stand.fx.gone("title");
    }

    @Test
    void forgottenQuestionIsSaidAndStays() {
        stand.agent().reply(Ipc.ANSWER, _ -> Reply.error(Ipc.NO_SUCH_QUESTION, "none"));
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("cancel");
        stand.fx.says("notice", "no longer open");
        stand.fx.seen("close");
    }

    @Test
    void refusedSendSaysWhyAndLeavesTheSafeWay() {
        stand.agent()
                .reply(
                        Ipc.ANSWER,
                        _ -> Reply.error(Ipc.NOT_ALLOWED, "an AI agent cannot let it go"));
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("send");
        stand.fx.robot().write("because");
        stand.fx.click("send");
        stand.fx.says("notice", "not allowed: an AI agent cannot let it go");
        assertThat(stand.fx.on(() -> ((TextArea) stand.fx.find("reason").orElseThrow()).getText()))
                .isEqualTo("because");
        assertThat(stand.fx.isDisabled("safe")).isFalse();
    }

    @Test
    void agentGoneKeepsTheDraftAndComesBack() throws IOException {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("edit");
        stand.fx.robot().press(KeyCode.CONTROL).type(KeyCode.A).release(KeyCode.CONTROL);
        stand.fx.robot().write("my draft");
        stand.agent().close();
        stand.fx.says("notice", "agent is not there");
        assertThat(stand.fx.isDisabled("send-edited")).isTrue();
        stand.fx.click("copy");
        assertThat(stand.fx.on(() -> javafx.scene.input.Clipboard.getSystemClipboard().getString()))
                .isEqualTo("my draft");
        stand.restart(Stand.question(Stand.FIRST));
        stand.fx.until(
                "it can be sent again",
                () -> !stand.fx.find("send-edited").orElseThrow().isDisabled());
        stand.fx.click("send-edited");
        assertThat(stand.answer()).contains("{\"do\":\"edit\",\"texts\":{\"0\":\"my draft\"}}");
    }

    @Test
    void agentThatForgotTheQuestionLeavesTheText() throws IOException {
        stand.ask(Stand.question(Stand.FIRST));
        stand.restart();
        stand.fx.says("notice", "no longer open");
        stand.fx.click("copy");
        stand.fx.click("close");
        stand.fx.gone("title");
    }

    @Test
    @Timeout(20)
    void hostileTextIsShownInertAndHoldsNothingUp() {
        String text =
                "<b>bold</b> \u202Eevil\u202C \u0007bell \u001B[31m CARD-ONE "
                        + "a"
                        + "\u0301".repeat(500)
                        + " MAIL-TWO "
                        + "\uD83D\uDE00".repeat(2_000)
                        + "x".repeat(900_000);
        stand.ask(Stand.question(Stand.FIRST, text, true, false));
        String shown = preview();
        assertThat(shown)
                .contains(
                        "<b>bold</b> \\u{202E}evil\\u{202C} \u2407bell \u241B[31m [CREDIT_CARD-1]")
                .contains("characters not shown")
                .doesNotContain("\u202E", "\u0007", "\u001B", "\u0301".repeat(5))
                .hasSizeLessThan(3_000);
        stand.fx.click("show-all");
        stand.fx.until("more is shown", () -> preview().length() > 15_000);
        assertThat(preview()).hasSizeLessThan(60_000).contains("characters not shown");
        stand.fx.click("safe");
        assertThat(stand.answer()).contains("\"do\":\"redact\"");
    }

    @Test
    void withdrawnCardSaysWhatHappened() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.agent()
                .tell(
                        Ipc.WITHDRAWN,
                        new Settled(
                                Stand.FIRST,
                                "chatgpt",
                                "curl",
                                "r",
                                Settled.How.TIMED_OUT,
                                Instant.now()));
        stand.fx.says("notice", "Nobody answered in time");
        stand.fx.seen("close");
        stand.fx.gone("safe");
        stand.fx.gone("title"); // by itself
    }

    @Test
    void nonsenseFromTheAgentIsPassedOver() {
        String id = Stand.FIRST.toString();
        stand.agent().send("");
        stand.agent().send("not json");
        stand.agent().send("[1,2]");
        stand.agent()
                .send(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"coach\",\"params\":{\"id\":\""
                                + id
                                + "\"}}");
        stand.agent().send("{\"jsonrpc\":\"2.0\",\"method\":\"coach\"}");
        stand.agent().send("{\"jsonrpc\":\"2.0\",\"method\":\"withdrawn\",\"params\":7}");
        stand.agent().send("{\"jsonrpc\":\"2.0\",\"method\":\"withdrawn\",\"params\":{}}");
        stand.agent().send("{\"jsonrpc\":\"2.0\",\"method\":\"notify\",\"params\":{}}");
        stand.agent().send("{\"jsonrpc\":\"2.0\",\"method\":\"unheard-of\",\"params\":{}}");
        stand.agent().send("{\"jsonrpc\":\"2.0\",\"id\":999,\"result\":{}}");
        stand.agent().send("x".repeat(17 << 20));
        stand.ask(Stand.question(Stand.SECOND));
        assertThat(stand.printed()).doesNotContain(id);
        assertThat(stand.agent().requests(Ipc.SUBSCRIBE)).hasSize(1);
    }

    @Test
    void typingDoesNotAnswerACardThatHasJustAppeared() {
        stand.agent().tell(Ipc.COACH, Stand.question(Stand.FIRST));
        stand.fx.seen("safe");
        comeForward();
        stand.fx.robot().type(KeyCode.ENTER, KeyCode.SPACE, KeyCode.TAB, KeyCode.ENTER);
        stand.shown(Stand.FIRST);
        stand.fx
                .robot()
                .type(KeyCode.ENTER, KeyCode.SPACE); // waited, but did not come into the window
        assertThat(stand.agent().requests(Ipc.ANSWER)).isEmpty();
        stand.fx.robot().type(KeyCode.TAB);
        stand.fx.until("something has the keyboard", () -> focusOwner().contains("mark-1"));
        stand.fx.robot().type(KeyCode.ENTER); // the default button
        assertThat(stand.answer()).contains("\"do\":\"redact\"");
    }

    @Test
    void keyboardAloneReachesEveryWayOut() {
        stand.ask(Stand.question(Stand.FIRST));
        comeForward();
        stand.fx.robot().type(KeyCode.TAB);
        for (int i = 0; i < 12 && !focused("cancel"); i++) {
            stand.fx.robot().type(KeyCode.TAB);
        }
        assertThat(focused("cancel")).isTrue();
        stand.fx.robot().type(KeyCode.SPACE);
        assertThat(stand.answer()).contains("\"do\":\"cancel\"");
    }

    /** The window gets the keyboard, as by the desktop's own keys. */
    private void comeForward() {
        stand.desktop.showCard();
        stand.fx.until(
                "the card's window has the keyboard",
                () ->
                        stand.fx
                                .find("title")
                                .filter(n -> n.getScene().getWindow().isFocused())
                                .isPresent());
    }

    private String focusOwner() {
        return String.valueOf(stand.fx.find("title").orElseThrow().getScene().getFocusOwner());
    }

    private boolean focused(String id) {
        return stand.fx.on(() -> stand.fx.find(id).orElseThrow().isFocused());
    }

    @Test
    void doubleClickOnOneCardDoesNotAnswerTheNext() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.agent().tell(Ipc.COACH, Stand.question(Stand.SECOND));
        stand.fx.says("others", "1 more");
        stand.fx.click("safe");
        stand.fx.until(
                "the next is shown", () -> stand.printed().contains(Stand.SECOND + " shown after"));
        stand.fx.click("safe"); // without the pause that a person makes
        assertThat(stand.agent().requests(Ipc.ANSWER)).hasSize(1);
    }

    @Test
    void closedWindowComesBackWithTheNextQuestion() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.clear();
        stand.fx.gone("safe");
        stand.agent().tell(Ipc.COACH, Stand.question(Stand.SECOND));
        stand.fx.says("others", "1 more");
        stand.settle();
        stand.fx.click("safe");
        assertThat(stand.answer()).contains(Stand.FIRST.toString());
    }

    @Test
    void warmCardIsShownQuickly() {
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("safe");
        stand.fx.gone("title");
        stand.ask(Stand.question(Stand.SECOND));
        String after =
                stand.printed().substring(stand.printed().indexOf(Stand.SECOND + " shown after "));
        long millis = Long.parseLong(after.replaceAll("(?s).*?after (\\d+) ms.*", "$1"));
        System.out.println("card visible after " + millis + " ms (warm)");
        assertThat(millis)
                .isLessThanOrEqualTo(500); // 150 asked on an idle machine; tests share theirs
    }

    @Test
    void bugOfTheAgentIsSaidAndTheCardCanBeUsedAgain() {
        stand.agent().reply(Ipc.ANSWER, _ -> Reply.error(Ipc.INTERNAL_ERROR, "a bug"));
        stand.ask(Stand.question(Stand.FIRST));
        stand.fx.click("safe");
        stand.fx.says("notice", "The agent could not do that");
        assertThat(stand.fx.isDisabled("safe")).isFalse();
    }
}
