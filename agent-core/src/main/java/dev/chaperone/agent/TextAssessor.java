// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import dev.chaperone.policies.Assessor;
import java.util.stream.Collectors;

/** Assesses the texts of a policy's test case with the real detection. */
final class TextAssessor {
    private TextAssessor() {}

    static Assessor standard() {
        DetectionEngine detection = DetectionEngine.standard();
        return segments ->
                detection.assess(
                        segments,
                        segments.stream()
                                .filter(s -> s.origin() == Origin.USER)
                                .map(Segment::text)
                                .collect(Collectors.joining("\n")));
    }
}
