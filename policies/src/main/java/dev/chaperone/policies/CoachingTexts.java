// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a person reads on a card, by the coaching id that a rule names. Immutable. */
public final class CoachingTexts {
    private static final Set<String> TOP_KEYS = DocumentReader.keys("version", "language", "texts");
    private static final Set<String> TEXT_KEYS = DocumentReader.keys("title", "body", "advice");

    private final String language;
    private final Map<String, Text> texts;

    private CoachingTexts(String language, Map<String, Text> texts) {
        this.language = language;
        this.texts = Collections.unmodifiableMap(texts);
    }

    /**
     * One card's words.
     *
     * @param title a few words
     * @param body why it matters; one or two sentences
     * @param advice what to do instead
     */
    public record Text(String title, String body, String advice) {}

    /**
     * The texts that ship with the product; English where there are none.
     *
     * @param language ISO 639-1, for example {@code de}
     */
    public static CoachingTexts shipped(String language) {
        String known = language.equals("de") ? "de" : "en";
        String path = "coaching/" + known + ".yaml";
        return parse(PolicyDocument.resource(path), path);
    }

    /**
     * Parses texts in the form of {@code policies/coaching/en.yaml}.
     *
     * @throws PolicyFormatException naming line, key and remedy
     */
    public static CoachingTexts parse(byte[] yaml, String sourceName) {
        Fields top = YamlTree.read(yaml, sourceName).only(TOP_KEYS);
        top.integer("version", 1, 1, 1);
        Fields fields = top.map("texts");
        Map<String, Text> texts = new TreeMap<>();
        for (String id : fields.keys()) {
            if (!DocumentReader.ID.matcher(id).matches()) {
                throw fields.error(
                        fields.lineOf(id), "a coaching id must be " + DocumentReader.ID_SHAPE);
            }
            Fields text = fields.map(id).only(TEXT_KEYS);
            texts.put(
                    id, new Text(text.string("title"), text.string("body"), text.string("advice")));
        }
        return new CoachingTexts(top.string("language"), texts);
    }

    public String language() {
        return language;
    }

    /** Sorted. */
    public Set<String> ids() {
        return texts.keySet();
    }

    public Optional<Text> text(String id) {
        return Optional.ofNullable(texts.get(id));
    }
}
