// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SsnDetectorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "My SSN is 536-90-4399",
                "social security number: 536904399",
                "536-90-4399 (SSN)",
                "ssn 536 90 4399"
            })
    void namedNumberIsFound(String text) {
        assertThat(Found.types(text)).containsExactly("NATIONAL_ID.US");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Part number 725-70-9645",
                "SSN 000-12-3456",
                "SSN 666-12-3456",
                "SSN 900-12-3456",
                "SSN 536-00-4399",
                "SSN 536-90-0000",
                "what is an SSN?",
                "536-90-43990 ssn",
                "call 536-90-4399"
            })
    void otherNumberIsNotFound(String text) {
        assertThat(Found.types(text)).doesNotContain("NATIONAL_ID.US");
    }
}
