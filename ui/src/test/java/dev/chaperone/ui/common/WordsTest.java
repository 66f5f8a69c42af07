// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two languages that say the same, and nothing that nobody says. */
class WordsTest {
    private static final Path RESOURCES = Path.of("src/main/resources/dev/chaperone/ui");
    private static final Pattern ARGUMENT = Pattern.compile("\\{(\\d)");

    /** Keys that are put together from a prefix and a value. */
    private static final List<String> FAMILIES =
            List.of(
                    "card.timeout.",
                    "done.",
                    "noted.",
                    "settled.",
                    "action.",
                    "outcome.",
                    "intent.",
                    "reason.",
                    "kind.",
                    "status.",
                    "tray.",
                    "notice.",
                    "type.",
                    "nav.");

    private static Properties bundle(String name) throws IOException {
        Properties words = new Properties();
        try (Reader in = Files.newBufferedReader(RESOURCES.resolve(name))) {
            words.load(in);
        }
        return words;
    }

    private static Set<String> arguments(String pattern) {
        return ARGUMENT.matcher(pattern)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"common/words", "demo/sample"})
    void bothLanguagesHaveTheSameKeysAndArguments(String name) throws IOException {
        Properties english = bundle(name + ".properties");
        Properties german = bundle(name + "_de.properties");
        assertThat(german.stringPropertyNames()).isEqualTo(english.stringPropertyNames());
        for (String key : english.stringPropertyNames()) {
            assertThat(arguments(german.getProperty(key)))
                    .as(key)
                    .isEqualTo(arguments(english.getProperty(key)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "common/words.properties",
                "common/words_de.properties",
                "demo/sample.properties",
                "demo/sample_de.properties"
            })
    void everyPatternCanBeFormattedAndLosesNoApostrophe(String name) throws IOException {
        Properties words = bundle(name);
        for (String key : words.stringPropertyNames()) {
            String pattern = words.getProperty(key);
            String said =
                    new MessageFormat(pattern, Locale.GERMANY).format(new Object[] {2, 2, 2, 2});
            assertThat(said).as(key).isNotBlank().doesNotContain("{", "}");
            assertThat(pattern.replace("''", "")).as(key).doesNotContain("'");
        }
    }

    @Test
    void everyKeyIsUsed() throws IOException {
        StringBuilder sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                sources.append(Files.readString(file));
            }
        }
        String all = sources.toString();
        assertThat(bundle("common/words.properties").stringPropertyNames())
                .allSatisfy(key ->
                        assertThat(
                                        all.contains("\"" + key + "\"")
                                                || FAMILIES.stream()
                                                        .anyMatch(f ->
                                                                key.startsWith(f)
                                                                        && all.contains(
                                                                                "\"" + f + "\"")))
                                .as(key)
                                .isTrue());
    }

    @Test
    void unknownTypesAndReasonsAreShownAsTheyAre() {
        Words words = Words.in("en");
        assertThat(words.type("CREDIT_CARD.visa")).isEqualTo("Payment card");
        assertThat(words.type("MOON\u202E")).isEqualTo("MOON\\u{202E}");
        assertThat(words.reason("UNKNOWN_ENDPOINT")).isEqualTo("unknown kind of request");
        assertThat(words.reason("odd")).isEqualTo("odd");
    }

    @Test
    void languageIsGermanOrEnglish() {
        assertThat(Words.in("de-AT").language()).isEqualTo("de");
        assertThat(Words.in("fr").language()).isEqualTo("en");
    }
}
