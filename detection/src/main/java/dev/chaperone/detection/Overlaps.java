// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import dev.chaperone.detection.Hits.Hit;
import dev.chaperone.model.finding.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Keeps the best of findings that overlap: the surer one, then the longer one, then the first. */
final class Overlaps {
    private static final Comparator<Hit> BEST_FIRST =
            Comparator.comparingDouble(Hit::confidence)
                    .reversed()
                    .thenComparingInt(hit -> -hit.span().length())
                    .thenComparingInt(hit -> hit.span().start())
                    .thenComparing(Hit::type)
                    .thenComparing(Hit::detector);

    private Overlaps() {}

    /** Findings that do not overlap, in order of their start. */
    static List<Hit> resolve(List<Hit> hits) {
        List<Hit> ordered = new ArrayList<>(hits);
        ordered.sort(BEST_FIRST);
        NavigableMap<Integer, Hit> kept = new TreeMap<>();
        for (Hit hit : ordered) {
            if (free(kept, hit.span())) {
                kept.put(hit.span().start(), hit);
            }
        }
        return List.copyOf(kept.values());
    }

    private static boolean free(NavigableMap<Integer, Hit> kept, Span span) {
        var before = kept.lowerEntry(span.end());
        return before == null || !before.getValue().span().overlaps(span);
    }
}
