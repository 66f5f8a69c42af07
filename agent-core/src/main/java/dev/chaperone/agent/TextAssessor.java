// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import dev.chaperone.policies.Assessor;
import java.util.List;

/** Assesses the text of a policy's test case as what a person typed. */
final class TextAssessor {
    private TextAssessor() {}

    static Assessor standard() {
        DetectionEngine detection = DetectionEngine.standard();
        return text -> assess(detection, text);
    }

    private static Assessment assess(DetectionEngine detection, String text) {
        return detection.assess(List.of(new Segment(0, text, Origin.USER)), text);
    }
}
