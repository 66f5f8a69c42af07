// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A segment that a question is about.
 *
 * @param segment its index
 * @param key what a ruling on it is remembered by: user, service, rule and text
 */
record Subject(int segment, ContentKey key) {
    /**
     * The segments that hold spans, and for a rule about the message as a whole what was written in
     * this turn.
     */
    static List<Subject> of(Matter matter, ContentKey.Maker keys) {
        Prompt prompt = matter.prompt();
        Set<Integer> about = new TreeSet<>();
        matter.coach().spans().stream().map(Finding::segment).forEach(about::add);
        if (matter.coach().whole()) {
            prompt.segments().stream()
                    .filter(s -> s.origin() == Origin.USER || s.origin() == Origin.PASTED)
                    .map(Segment::index)
                    .forEach(about::add);
        }
        if (about.isEmpty()) {
            prompt.segments().stream().map(Segment::index).forEach(about::add);
        }
        List<Subject> subjects = new ArrayList<>();
        for (int segment : about) {
            subjects.add(
                    new Subject(
                            segment,
                            keys.of(
                                    List.of(
                                            Long.toString(matter.uid()),
                                            matter.exchange().service().id(),
                                            matter.coach().rule().value(),
                                            prompt.segments().get(segment).text()))));
        }
        return subjects;
    }

    static ContentKey prompt(Matter matter, ContentKey.Maker keys) {
        return keys.of(matter.prompt().segments().stream().map(Segment::text).toList());
    }
}
