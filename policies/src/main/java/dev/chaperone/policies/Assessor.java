// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.prompt.Segment;
import java.util.List;

/** Detection, as far as policy tests need it. This module does not know the real one. */
@FunctionalInterface
public interface Assessor {
    /**
     * What the texts hold.
     *
     * @param segments the texts with their origins; {@code segments.get(i).index() == i}
     */
    Assessment assess(List<Segment> segments);
}
