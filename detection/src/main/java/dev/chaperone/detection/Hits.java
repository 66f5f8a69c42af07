// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.finding.Tier;
import java.util.ArrayList;
import java.util.List;

/** Collects what the detectors find in one segment. One thread, one assessment. */
public final class Hits {
    /** More findings in one segment help nobody and would only cost memory. */
    private static final int LIMIT = 50_000;

    private final List<Hit> found = new ArrayList<>();
    private ScanText text = ScanText.plain("");
    private String detector = "";
    private Filter filter = Filter.ALL;

    Hits() {}

    /** Which hits of a derived text count. */
    enum Filter {
        ALL,
        /** Only those whose place was changed by decoding, and only strong ones. */
        STRONG_AND_CHANGED
    }

    record Hit(
            String type,
            Span span,
            double confidence,
            Tier tier,
            String detector,
            String masked,
            boolean example) {
        @Override
        public String toString() {
            return "Hit[" + type + ", " + span + "]";
        }
    }

    void reading(ScanText next, Filter which) {
        text = next;
        filter = which;
    }

    void by(String name) {
        detector = name;
    }

    /** Adds a finding; its example flag comes from {@link Examples}. */
    public void add(String type, int start, int end, double confidence, Tier tier) {
        if (found.size() >= LIMIT || start >= end) {
            return;
        }
        if (filter == Filter.STRONG_AND_CHANGED
                && (!text.changed(start, end) || tier == Tier.CONTEXTUAL)) {
            return;
        }
        String value = text.slice(start, end);
        boolean example = Examples.contains(type, value);
        Span span = text.original(start, end);
        found.add(new Hit(type, span, confidence, tier, detector, Mask.of(type, value), example));
    }

    List<Hit> found() {
        return found;
    }
}
