// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.AccessibleRole;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextInputControl;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/**
 * One question: what and why in a sentence, what was found, what would be sent, and the ways out,
 * the safe one first. On the JavaFX thread.
 */
final class CardView extends VBox {
    private static final int MAX_SENTENCE = 600;
    private static final int MAX_NAME = 60;

    /** What the buttons are for. */
    private enum Mode {
        CHOOSE,
        /** The reason for sending it as it is. */
        REASON,
        EDIT,
        /** Nothing can be chosen: the agent works, or is gone. */
        WAIT,
        /** It has ended. */
        OVER
    }

    private final CardModel model;
    private final Words words;
    private final CardActions actions;
    private final PassagesPane passages;
    private final Countdown countdown;
    private final VBox reasonBox;
    private final TextArea reason = new TextArea();
    private final HBox notice;
    private final Label noticeText = Parts.text("");
    private final Label others = Parts.words("", "badge");
    private final FlowPane buttons = new FlowPane(8, 8);
    private final Button safe;
    private final Button send;
    private final Button edit;
    private final Button cancel;
    private final Button sendEdited;
    private final Button back;
    private final Button copy;
    private final Button close;
    private Mode mode = Mode.CHOOSE;
    private Mode before = Mode.CHOOSE;

    CardView(Question question, Words words, CardActions actions) {
        this.model = new CardModel(question);
        this.words = words;
        this.actions = actions;
        passages = new PassagesPane(model, words);
        countdown = new Countdown(question, words);
        safe = Parts.button("safe", "", this::takeSafe, "accent");
        send = Parts.button("send", words.get("card.send"), this::takeSend);
        edit = Parts.button("edit", words.get("card.edit"), () -> mode(Mode.EDIT));
        cancel =
                Parts.button("cancel", words.get("card.cancel"), () -> choose(new Choice.Cancel()));
        sendEdited =
                Parts.button(
                        "send-edited", words.get("card.send-edited"), this::takeEdit, "accent");
        back = Parts.button("back", words.get("card.back"), () -> mode(Mode.CHOOSE));
        copy =
                Parts.button(
                        "copy", words.get("card.copy"), () -> actions.copy(passages.draftText()));
        close = Parts.button("close", words.get("card.close"), actions::close, "accent");
        reasonBox = reasonBox();
        notice = new HBox(8, Parts.icon("info"), noticeText);
        noticeText.setId("notice");
        HBox.setHgrow(noticeText, Priority.ALWAYS);
        notice.getStyleClass().add("notice");
        Parts.show(notice, false);
        getStyleClass().add("card");
        setAccessibleRole(AccessibleRole.DIALOG);
        setAccessibleText(title());
        getChildren().setAll(header(), middle(), footer());
        addEventFilter(KeyEvent.KEY_PRESSED, this::enter);
        refresh();
    }

    // ---- parts

    private String title() {
        Question.Card card = model.question().card();
        return card == null ? words.get("card.title") : Inert.line(card.title(), MAX_SENTENCE);
    }

    private HBox header() {
        Question question = model.question();
        Label title = Parts.text(title(), "title-3");
        title.setId("title");
        Label from =
                Parts.text(
                        words.get(
                                "card.from",
                                Inert.line(question.app(), MAX_NAME),
                                Inert.line(question.service(), MAX_NAME)),
                        "muted");
        from.setId("from");
        VBox texts = new VBox(2, title, from);
        HBox.setHgrow(texts, Priority.ALWAYS);
        others.setId("others");
        Parts.show(others, false);
        HBox header = new HBox(14, Parts.icon("shield", "icon-large"), texts, others);
        header.getStyleClass().add("card-header");
        return header;
    }

    private ScrollPane middle() {
        Question question = model.question();
        Label message = Parts.text(Inert.line(question.message(), MAX_SENTENCE), "message");
        message.setId("message");
        VBox content = new VBox(12, message);
        content.getStyleClass().add("card-content");
        if (question.card() != null) {
            content.getChildren().add(Parts.text(Inert.line(question.card().body(), MAX_SENTENCE)));
            HBox advice =
                    new HBox(
                            10,
                            Parts.icon("idea"),
                            Parts.text(Inert.line(question.card().advice(), MAX_SENTENCE)));
            advice.getStyleClass().add("advice");
            content.getChildren().add(advice);
        }
        if (!question.marks().isEmpty() || question.unlisted() > 0) {
            content.getChildren()
                    .addAll(
                            Parts.text(
                                    words.get(
                                            model.isRedactable()
                                                    ? "card.found"
                                                    : "card.found-only"),
                                    "section"),
                            new FindingsPane(model, words, this::marksChanged));
        }
        content.getChildren().add(passages);
        ScrollPane scroll = new ScrollPane(content);
        scroll.setFitToWidth(true);
        scroll.setFocusTraversable(false);
        scroll.getStyleClass().add("edge-to-edge");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        return scroll;
    }

    private VBox reasonBox() {
        Label label = Parts.text(words.get("card.reason"), "strong");
        Label hint = Parts.text(words.get("card.reason-hint", CardModel.MIN_REASON), "muted");
        label.setLabelFor(reason);
        reason.setId("reason");
        reason.setPrefRowCount(2);
        reason.setWrapText(true);
        reason.setAccessibleText(words.get("card.reason"));
        reason.textProperty().addListener(_ -> refresh());
        VBox box = new VBox(6, label, reason, hint);
        box.setId("reason-box");
        return box;
    }

    private VBox footer() {
        buttons.setAlignment(Pos.CENTER_LEFT);
        VBox footer = new VBox(12, notice, reasonBox, countdown, buttons);
        footer.getStyleClass().add("card-footer");
        return footer;
    }

    // ---- what the person does

    private void marksChanged() {
        passages.refresh();
        refresh();
    }

    private void takeSafe() {
        choose(model.isRedactable() ? model.redact(reason.getText()) : new Choice.Cancel());
    }

    private void takeSend() {
        if (mode == Mode.REASON) {
            choose(new Choice.Send(reason.getText().strip()));
        } else {
            mode(Mode.REASON);
            reason.requestFocus();
        }
    }

    private void takeEdit() {
        choose(new Choice.Edit(passages.edited()));
    }

    private void choose(Choice choice) {
        say("", false);
        wait(words.get("card.sending"), false);
        actions.choose(choice);
    }

    // ---- what happens to it

    void tick(Instant now) {
        if (mode != Mode.OVER) {
            countdown.tick(now);
        }
    }

    /** How many more questions wait behind this one. */
    void others(int count) {
        others.setText(words.get("card.others", count));
        Parts.show(others, count > 0);
    }

    /** The agent is gone: what was written stays, and can be copied. */
    void agentGone() {
        wait(words.get("card.agent-gone"), true);
    }

    /** It can be answered (again). */
    void open(String says) {
        if (mode == Mode.WAIT) {
            mode = before;
        }
        say(says, true);
        refresh();
    }

    /** Whether the person has written something here. */
    boolean hasDraft() {
        return mode == Mode.EDIT
                || mode == Mode.WAIT && before == Mode.EDIT
                || !reason.getText().isBlank();
    }

    /** It has ended; the card stays to be read. */
    void over(String says, boolean wrong) {
        mode = Mode.OVER;
        say(says, wrong);
        refresh();
    }

    private void wait(String says, boolean wrong) {
        if (mode == Mode.OVER) {
            return;
        }
        if (mode != Mode.WAIT) {
            before = mode;
        }
        mode = Mode.WAIT;
        say(says, wrong);
        refresh();
    }

    private void say(String says, boolean wrong) {
        noticeText.setText(says);
        notice.getStyleClass().removeAll("notice-wrong");
        if (wrong) {
            notice.getStyleClass().add("notice-wrong");
        }
        Parts.show(notice, !says.isEmpty());
    }

    private void mode(Mode next) {
        mode = next;
        passages.edit(next == Mode.EDIT, this::refresh);
        refresh();
    }

    private void refresh() {
        boolean redactable = model.isRedactable();
        boolean reasoned = CardModel.isReason(reason.getText());
        safe.setText(
                !redactable
                        ? words.get("card.cancel")
                        : model.isPartial()
                                ? words.get("card.send-partly", model.redacted())
                                : words.get("card.send-redacted"));
        safe.setAccessibleText(safe.getText());
        safe.setDisable(mode == Mode.WAIT || redactable && model.isPartial() && !reasoned);
        send.setDisable(mode == Mode.WAIT || mode == Mode.REASON && !reasoned);
        edit.setDisable(mode == Mode.WAIT);
        cancel.setDisable(mode == Mode.WAIT);
        sendEdited.setDisable(mode == Mode.WAIT || passages.edited().isEmpty());
        back.setDisable(mode == Mode.WAIT);
        safe.setDefaultButton(mode != Mode.EDIT && mode != Mode.OVER);
        Mode shown = mode == Mode.WAIT ? before : mode;
        Parts.show(
                reasonBox,
                shown == Mode.REASON || shown == Mode.CHOOSE && redactable && model.isPartial());
        Parts.show(countdown, mode != Mode.OVER);
        List<Node> ways = new ArrayList<>();
        switch (shown) {
            case EDIT -> ways.addAll(List.of(sendEdited, back, cancel));
            case OVER -> ways.addAll(List.of(close, copy));
            case CHOOSE, REASON, WAIT -> {
                ways.addAll(List.of(safe, send));
                if (passages.isEditable()) {
                    ways.add(edit);
                }
                if (redactable) {
                    ways.add(cancel);
                }
            }
        }
        if (mode == Mode.WAIT) {
            ways.add(copy);
        }
        if (!buttons.getChildren().equals(ways)) {
            buttons.getChildren().setAll(ways);
        }
    }

    /** Enter presses the safe button, unless something that takes Enter has the keyboard. */
    private void enter(KeyEvent event) {
        boolean taken =
                event.getTarget() instanceof TextInputControl
                        || event.getTarget() instanceof Button
                        || event.getTarget() instanceof Hyperlink;
        if (event.getCode() == KeyCode.ENTER
                && !taken
                && safe.isDefaultButton()
                && !safe.isDisabled()) {
            event.consume();
            safe.fire();
        }
    }
}
