// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CoachingTextsTest {
    @Test
    void languagesHoldTheSameIds() {
        assertThat(CoachingTexts.shipped("de").ids()).isEqualTo(CoachingTexts.shipped("en").ids());
        assertThat(CoachingTexts.shipped("fi").language()).isEqualTo("en");
    }

    @Test
    void aTextHasTitleBodyAndAdvice() {
        assertThat(CoachingTexts.shipped("en").text("secret-found").orElseThrow().title())
                .isEqualTo("This looks like a password or key");
        assertThat(CoachingTexts.shipped("en").text("nope")).isEmpty();
    }

    @Test
    void aMissingPartIsNamed() {
        String yaml = "version: 1\nlanguage: en\ntexts:\n  a: {title: b, body: c}\n";
        assertThatThrownBy(
                        () -> CoachingTexts.parse(yaml.getBytes(StandardCharsets.UTF_8), "c.yaml"))
                .hasMessage("c.yaml:4: missing key 'advice': add it");
    }
}
