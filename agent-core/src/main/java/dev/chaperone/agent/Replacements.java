// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.inspector.Replacement;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.prompt.Prompt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is written in place of what, for a prompt that goes out changed. Pure. */
final class Replacements {
    private record Place(int segment, Span span) {}

    private Replacements() {}

    /**
     * @param named placeholders of all that was found, of which those of {@code redacted} are used
     * @return in order of segment and start
     */
    static List<Replacement> of(
            Prompt prompt, List<Replacement> named, Settlement.SendRedacted redacted) {
        Set<Place> places = new HashSet<>();
        for (Finding finding : redacted.spans()) {
            places.add(new Place(finding.segment(), finding.span()));
        }
        List<Replacement> all = new ArrayList<>();
        named.stream()
                .filter(r -> places.contains(new Place(r.segment(), r.span())))
                .forEach(all::add);
        redacted.edits()
                .forEach((segment, text) -> {
                    int length = prompt.segments().get(segment).text().length();
                    all.add(new Replacement(segment, new Span(0, length), text));
                });
        all.sort(
                Comparator.comparingInt(Replacement::segment)
                        .thenComparingInt(r -> r.span().start()));
        return all;
    }
}
