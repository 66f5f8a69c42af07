// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardNumbersTest {
    /** A network's test number. */
    private static final String CARD = "4111".concat("1".repeat(12));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "-", ".", "\u00a0", "\t", "\n", "/", ", ", "\u200b", "\u2013", "_", "x",
                " and "
            })
    void aNumberIsFoundWhateverIsBetweenItsDigits(String separator) {
        String written = String.join(separator, CARD.split("(?<=\\G....)"));
        assertThat(CardNumbers.mayBeIn("no. " + written + " ok")).isTrue();
        assertThat(CardNumbers.mayBeIn(written)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0xff10, 0x660, 0x966, 0x1d7ce, 0x2080})
    void aNumberIsFoundInEveryScript(int zero) {
        StringBuilder written = new StringBuilder();
        CARD.chars().forEach(c -> written.appendCodePoint(zero + c - '0'));
        assertThat(CardNumbers.mayBeIn(written.toString())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tok_Zz9Zz9Zz9",
                "4111 1111 1111 1112",
                "4111-1111",
                "de305d54-75b4-431b-adb2-eb6b9e546014",
                "99999941111111111111119999999",
            })
    void otherNumbersAreNone(String text) {
        assertThat(CardNumbers.mayBeIn(text)).isFalse();
    }
}
