// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Question.Passage;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.TextArea;
import javafx.scene.layout.VBox;

/** The texts it is about: as they are, as they would be sent, or open for editing. */
final class PassagesPane extends VBox {
    private static final int MAX_PASSAGES = 20; // more are counted
    private static final int MAX_EDITED = 24_000; // UTF-16; what an agent keeps of a text at most
    private static final int EDIT_ROWS = 8;

    private final CardModel model;
    private final Words words;
    private final VBox found = new VBox(6);
    private final VBox preview = new VBox(6);
    private final VBox previewSection;
    private final VBox editor = new VBox(6);
    private final Map<Integer, TextArea> drafts = new LinkedHashMap<>();
    private final Map<Integer, String> before = new LinkedHashMap<>();
    private final Hyperlink all;
    private boolean whole;

    PassagesPane(CardModel model, Words words) {
        this.model = model;
        this.words = words;
        getStyleClass().add("passages");
        found.setId("found");
        preview.setId("preview");
        editor.setId("editor");
        all = new Hyperlink(words.get("card.show-all"));
        all.setId("show-all");
        all.setOnAction(_ -> {
            whole = !whole;
            refresh();
        });
        VBox foundSection =
                new VBox(6, Parts.text(words.get("card.your-text"), "section"), found, all);
        previewSection =
                new VBox(6, Parts.text(words.get("card.would-be-sent"), "section"), preview);
        getChildren().setAll(foundSection, previewSection, editor);
        Parts.show(editor, false);
        Parts.show(foundSection, !passages().isEmpty());
        refresh();
    }

    private List<Passage> passages() {
        return model.question().passages();
    }

    /** Draws both versions anew. */
    void refresh() {
        fill(found, model::found);
        boolean shown = model.isRedactable() && !passages().isEmpty();
        if (shown) {
            fill(preview, model::preview);
        }
        Parts.show(previewSection, shown && !editor.isVisible());
        boolean cut =
                passages().size() > MAX_PASSAGES
                        || passages().stream()
                                .anyMatch(p -> Excerpt.isCut(Excerpt.around(model.found(p))));
        Parts.show(all, cut);
        all.setText(words.get(whole ? "card.show-less" : "card.show-all"));
        all.setAccessibleText(all.getText());
    }

    private void fill(VBox box, Function<Passage, List<Piece>> version) {
        int shown = whole ? MAX_PASSAGES : Math.min(3, MAX_PASSAGES);
        box.getChildren().clear();
        for (Passage passage : passages().stream().limit(shown).toList()) {
            List<Piece> pieces = version.apply(passage);
            MarkedText text = new MarkedText(words);
            text.set(whole ? Excerpt.all(pieces) : Excerpt.around(pieces));
            box.getChildren().add(text);
        }
        int left = passages().size() - shown;
        if (left > 0) {
            box.getChildren().add(Parts.text(words.get("card.more-texts", left), "muted"));
        }
    }

    // ---- editing

    /** Whether a text can be edited: all of it is here, and a text box can hold it. */
    boolean isEditable() {
        return passages().stream().anyMatch(PassagesPane::isEditable);
    }

    private static boolean isEditable(Passage passage) {
        return passage.whole() && passage.text().length() <= MAX_EDITED;
    }

    /**
     * Opens the texts for editing, or closes them; drafts are kept.
     *
     * @param changed told at each change
     */
    void edit(boolean open, Runnable changed) {
        if (open && drafts.isEmpty()) {
            editor.getChildren().add(Parts.text(words.get("card.edit-here"), "section"));
            passages().stream()
                    .filter(PassagesPane::isEditable)
                    .limit(MAX_PASSAGES)
                    .forEach(p -> draft(p, changed));
        }
        for (var section : getChildren()) {
            Parts.show(section, section.equals(editor) == open);
        }
        refresh();
        if (open) {
            drafts.values().iterator().next().requestFocus();
        }
    }

    private void draft(Passage passage, Runnable changed) {
        String clean = clean(passage.text());
        TextArea area = new TextArea(clean);
        area.setId("draft-" + passage.segment());
        area.setWrapText(true);
        area.setPrefRowCount(EDIT_ROWS);
        area.setAccessibleText(words.get("card.edit-here"));
        area.textProperty().addListener(_ -> changed.run());
        drafts.put(passage.segment(), area);
        before.put(passage.segment(), area.getText());
        editor.getChildren().add(area);
        long hidden =
                passage.text().codePoints().filter(c -> c != '\r' && Inert.isHidden(c)).count();
        if (hidden > 0) {
            editor.getChildren().add(Parts.text(words.get("card.hidden-removed", hidden), "muted"));
        }
    }

    /** What a person edits is what they see: characters that cannot be seen are not in it. */
    private static String clean(String text) {
        return text.replace("\r\n", "\n")
                .codePoints()
                .filter(c -> !Inert.isHidden(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The texts that differ from what they were, by segment. */
    Map<Integer, String> edited() {
        return drafts.entrySet().stream()
                .filter(d -> !d.getValue().getText().equals(before.get(d.getKey())))
                .collect(Collectors.toMap(Map.Entry::getKey, d -> d.getValue().getText()));
    }

    /** What a person wants to keep when the card cannot send it any more. */
    String draftText() {
        return drafts.isEmpty() || !editor.isVisible()
                ? passages().stream().map(Passage::text).collect(Collectors.joining("\n\n"))
                : drafts.values().stream()
                        .map(TextArea::getText)
                        .collect(Collectors.joining("\n\n"));
    }
}
