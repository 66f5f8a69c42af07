// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.common;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InertTest {
    @ParameterizedTest
    @CsvSource({
        "a\u0007b, a\u2407b",
        "a\u007Fb, a\u2421b",
        "a\u0085b, a\\u{85}b",
        "a\u202Eb, a\\u{202E}b",
        "a\u2066b\u2069, a\\u{2066}b\\u{2069}",
        "a\u200Bb, a\\u{200B}b",
        "a\u200Db, a\\u{200D}b",
        "a\u2028b, a\\u{2028}b",
        "a\rb, a\u240Db",
    })
    void whatCannotBeSeenBecomesVisible(String text, String shown) {
        assertThat(Inert.text(text)).isEqualTo(shown);
    }

    @Test
    void linesTabsAndWritingStay() {
        assertThat(Inert.text("a\r\n\tb\nשלום e\u0301")).isEqualTo("a\n\tb\nשלום e\u0301");
    }

    @Test
    void unpairedSurrogateBecomesVisible() {
        assertThat(Inert.text("a\uD800b")).isEqualTo("a\\u{D800}b");
    }

    @Test
    void joinedEmojiStay() {
        String family = "\uD83D\uDC69\u200D\uD83D\uDC67";
        assertThat(Inert.text(family)).isEqualTo(family);
    }

    @Test
    void tagsThatHideTextBecomeVisible() {
        assertThat(Inert.text(new String(Character.toChars(0xE0041)))).isEqualTo("\\u{E0041}");
    }

    @Test
    void floodOfCombiningMarksIsCut() {
        assertThat(Inert.text("a" + "\u0301".repeat(1000) + "b"))
                .isEqualTo("a" + "\u0301".repeat(4) + "…b");
    }

    @Test
    void resultIsBoundedAndCountsWhatIsLeft() {
        String shown = Inert.text("\u0001".repeat(10_000_000));
        assertThat(shown).hasSizeLessThan(Inert.MAX_SHOWN + 30).endsWith("(+9960000)");
    }

    @Test
    void oneLineIsOneLine() {
        assertThat(Inert.line("a\nb\tc" + "d".repeat(100), 10)).isEqualTo("a␊b cddddd…");
    }
}
