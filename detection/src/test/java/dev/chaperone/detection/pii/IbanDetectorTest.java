// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IbanDetectorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DE02120300000000202051",
                "DE02 1203 0000 0000 2020 51",
                "GB33 BUKB 2020 1555 5555 55",
                "FR7630006000011234567890189",
                "NL02ABNA0123456789",
                "MT31MALT01100000000000000000123",
                "no8330001234567"
            })
    void validNumberIsFoundWhole(String iban) {
        assertThat(Found.in("transfer to " + iban + " today")).containsExactly("IBAN=" + iban);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DE03120300000000202051",
                "DE0212030000000020205",
                "XX02120300000000202051",
                "ADE02120300000000202051"
            })
    void otherNumberIsNotFound(String number) {
        assertThat(Found.types("see " + number + " there")).doesNotContain("IBAN");
    }

    @Test
    void registryExampleIsAnExample() {
        assertThat(Found.findings("DE89370400440532013000"))
                .singleElement()
                .matches(f -> f.example());
    }
}
