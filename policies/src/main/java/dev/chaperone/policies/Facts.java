// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The findings that rules see, counted once for all rules of a decision. Belongs to one thread. */
final class Facts {
    private final List<Finding> findings;
    private final PolicyContext context;
    private final Map<String, List<Finding>> byName = new HashMap<>();
    private final Map<String, Integer> distinct = new HashMap<>();

    /**
     * @param findings those that count: examples are already left out where the policy says so
     */
    Facts(List<Finding> findings, PolicyContext context) {
        this.findings = findings;
        this.context = context;
    }

    /** The findings that a known type name covers, in order. */
    List<Finding> of(String name) {
        return byName.computeIfAbsent(
                name,
                key -> {
                    if (findings.isEmpty()) {
                        return List.of();
                    }
                    List<Finding> covered = new ArrayList<>();
                    for (Finding finding : findings) {
                        if (FindingTypes.covers(key, finding)) {
                            covered.add(finding);
                        }
                    }
                    return covered;
                });
    }

    boolean has(String name) {
        return !of(name).isEmpty();
    }

    long count(String name) {
        return of(name).size();
    }

    /** The highest confidence, 0 when there is none. */
    double confidence(String name) {
        double highest = 0;
        for (Finding finding : of(name)) {
            highest = Math.max(highest, finding.confidence());
        }
        return highest;
    }

    /** True if there are more than {@code allowed} different values, letter case aside. */
    boolean budget(String name, long allowed) {
        return distinct.computeIfAbsent(name, this::countDistinct) > allowed;
    }

    private int countDistinct(String name) {
        Set<String> values = new HashSet<>();
        for (Finding finding : of(name)) {
            values.add(finding.group() + ' ' + value(finding));
        }
        return values.size();
    }

    /** The value; where its text was not given, the masked sample and length (a lower bound). */
    private String value(Finding finding) {
        Span span = finding.span();
        if (finding.segment() < context.segments().size()) {
            Segment segment = context.segments().get(finding.segment());
            if (span.end() <= segment.text().length()) {
                return segment.text().substring(span.start(), span.end()).toLowerCase(Locale.ROOT);
            }
        }
        return finding.masked() + ' ' + span.length();
    }

    /** The same findings, those of one origin only. */
    Facts only(Origin origin) {
        return new Facts(
                findings.stream()
                        .filter(finding -> context.originOf(finding.segment()) == origin)
                        .toList(),
                context);
    }

    /** The origins of the prompt's texts, or the context's where no text is given. */
    Set<Origin> origins() {
        EnumSet<Origin> origins = EnumSet.noneOf(Origin.class);
        context.segments().forEach(segment -> origins.add(segment.origin()));
        if (origins.isEmpty()) {
            origins.add(context.origin());
        }
        return origins;
    }
}
