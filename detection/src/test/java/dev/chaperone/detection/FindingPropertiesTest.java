// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.finding.Finding;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every text, tried on texts put together by a seeded generator. */
class FindingPropertiesTest {
    private static final List<String> PARTS =
            List.of(
                    "card 4539 5787 6362 1486",
                    "DE02120300000000202051",
                    "anna@firma.de",
                    "+49 30 901820",
                    "SSN 536-90-4399",
                    "AKIA" + "Q3EGRZ7Y2LMNOP5Q",
                    "password = \"Xk9#pLw2\"",
                    "ghp" + "_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx",
                    "postgres://app:Gh7kkz9w@db/app",
                    "\uD83D\uDE42",
                    "\u200b",
                    "\u00a0",
                    "４１１１",
                    "%40",
                    "\\u0040",
                    "\n",
                    ",",
                    ";",
                    "\"",
                    "eyJ",
                    "-----BEGIN PRIVATE KEY-----",
                    "x",
                    " ",
                    "=",
                    "YW5uYUBmaXJtYS5kZSBpcyBteSBtYWls");

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    private static String text(long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i >= 0; i--) {
            text.append(PARTS.get(random.nextInt(PARTS.size())));
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void spansLieInsideTheTextInOrderWithoutOverlap(long seed) {
        String text = text(seed);
        int end = 0;
        for (Finding finding : Found.findings(text)) {
            assertThat(finding.span().start()).isGreaterThanOrEqualTo(end);
            end = finding.span().end();
            assertThat(end).isLessThanOrEqualTo(text.length());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void sameTextGivesSameFindings(long seed) {
        assertThat(Found.findings(text(seed))).isEqualTo(Found.findings(text(seed)));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void sampleNeverHoldsSixCharactersOfTheValue(long seed) {
        String text = text(seed);
        for (Finding finding : Found.findings(text)) {
            String value = text.substring(finding.span().start(), finding.span().end());
            for (int i = 0; i + 6 <= value.length(); i++) {
                assertThat(finding.masked()).doesNotContain(value.substring(i, i + 6));
            }
        }
    }
}
