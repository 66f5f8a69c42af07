// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.util.List;

/** What the engine finds, written so that a test reads well. */
public final class Found {
    private static final DetectionEngine ENGINE = DetectionEngine.standard();

    private Found() {}

    /** The findings of one text. */
    public static List<Finding> findings(String text) {
        return ENGINE.assess(List.of(new Segment(0, text, Origin.USER)), "").findings();
    }

    /** Each finding as {@code TYPE=value}. */
    public static List<String> in(String text) {
        return findings(text).stream()
                .map(f -> f.type() + "=" + text.substring(f.span().start(), f.span().end()))
                .toList();
    }

    /** The findings' types. */
    public static List<String> types(String text) {
        return findings(text).stream().map(Finding::type).toList();
    }
}
