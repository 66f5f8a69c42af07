// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.capture.Inspection;
import dev.chaperone.policies.PolicyEngine;
import java.time.InstantSource;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    @Test
    void wholePathIsWalkedPromptAndAnswer() {
        Inspection inspection = WarmUp.inspection();
        assertThat(inspection.prompt().segments()).isNotEmpty();
        assertThat(Objects.requireNonNull(inspection.answer()).text())
                .startsWith("some words some words");
        assertThat(DetectionEngine.standard().assess(inspection.prompt()).findings())
                .extracting(f -> f.type())
                .contains("EMAIL", "PHONE", "CREDIT_CARD");
        WarmUp.run(DetectionEngine.standard(), PolicyEngine.baseline(), InstantSource.system());
    }
}
