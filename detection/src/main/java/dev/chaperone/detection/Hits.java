// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import dev.chaperone.detection.people.PeopleTables;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.finding.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects what the detectors find in one segment. One thread, one assessment. */
public final class Hits {
    /** More findings in one segment help nobody and would only cost memory. */
    private static final int LIMIT = 50_000;

    /** A validation by libphonenumber takes about 10 µs. */
    private static final int SLOW_VALIDATIONS = 4_000;

    private final List<Hit> found = new ArrayList<>();
    private ScanText text = ScanText.plain("");
    private String detector = "";
    private Filter filter = Filter.ALL;
    private final Map<String, Integer> judgedUntil = new HashMap<>();
    private int budget = SLOW_VALIDATIONS;

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
        judgedUntil.clear();
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
                && (!text.changed(Math.max(0, start - 1), Math.min(text.length(), end + 1))
                        || tier == Tier.CONTEXTUAL)) {
            return;
        }
        // What stands in plain sight is surer than what decoding brings out of the same place.
        double sure = filter == Filter.ALL ? confidence : confidence - 0.06;
        String value = text.slice(start, end);
        boolean example = Examples.contains(type, value);
        Span span = text.original(start, end);
        found.add(new Hit(type, span, sure, tier, detector, Mask.of(type, value), example));
    }

    /**
     * Whether a validation that is slow may still run in this assessment: a prompt holds hundreds
     * of candidates at most, only a hostile one holds more.
     */
    public boolean affords() {
        return budget-- > 0;
    }

    /** Whether the current detector has already judged this place as part of a larger one. */
    public boolean judged(int place) {
        return judgedUntil.getOrDefault(detector, 0) > place;
    }

    /** Says that the current detector has judged everything before {@code end}. */
    public void judgedUntil(int end) {
        judgedUntil.put(detector, end);
    }

    /** Adds one cell of a table of people. */
    void addAs(String type, int start, int end) {
        by(PeopleTables.DETECTOR);
        add(type, start, end, PeopleTables.CONFIDENCE, Tier.CONTEXTUAL);
    }

    /** Whether the limit was reached, so that something may have been left out. */
    boolean full() {
        return found.size() >= LIMIT;
    }

    List<Hit> found() {
        return found;
    }
}
