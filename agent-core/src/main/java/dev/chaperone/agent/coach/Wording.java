// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Question.Mark;
import dev.chaperone.model.ipc.Question.Passage;
import dev.chaperone.model.ipc.Question.State;
import dev.chaperone.model.prompt.Segment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Words a question from what it is about, bounded: a prompt may hold megabytes and thousands of
 * findings, a card cannot.
 */
final class Wording {
    private static final int MAX_MARKS = 200;
    private static final int MAX_WHOLE = 8 << 10;
    private static final int MAX_TEXT = 24 << 10;
    private static final int AROUND = 160;

    private final Matter matter;
    private final List<Mark> marks = new ArrayList<>();
    private final List<Passage> passages = new ArrayList<>();
    private int shown;

    private Wording(Matter matter) {
        this.matter = matter;
    }

    /**
     * The question about some segments of a matter.
     *
     * @param until when the question ends in this state
     */
    static Question of(
            Matter matter,
            List<Subject> subjects,
            UUID id,
            Instant asked,
            Instant until,
            State state) {
        Wording wording = new Wording(matter);
        int unlisted = wording.mark(subjects);
        subjects.forEach(s -> wording.show(matter.prompt().segments().get(s.segment())));
        return new Question(
                id,
                matter.uid(),
                matter.exchange().service().id(),
                matter.exchange().client().appName(),
                matter.coach().rule().value(),
                matter.coach().why().message(),
                matter.coach().why().coaching(),
                null,
                wording.passages,
                wording.marks,
                unlisted,
                matter.redactable(),
                asked,
                until,
                matter.coach().onTimeout(),
                state);
    }

    private int mark(List<Subject> subjects) {
        Set<Integer> about = new HashSet<>();
        subjects.forEach(s -> about.add(s.segment()));
        Set<Finding> required = new HashSet<>(matter.coach().required());
        List<String> placeholders = matter.placeholders().get();
        int unlisted = 0;
        List<Finding> spans = matter.coach().spans();
        for (int i = 0; i < spans.size(); i++) {
            Finding f = spans.get(i);
            if (!about.contains(f.segment())) {
                continue;
            }
            if (marks.size() == MAX_MARKS) {
                unlisted++;
                continue;
            }
            marks.add(
                    new Mark(
                            marks.size() + 1,
                            f.type(),
                            f.segment(),
                            f.span(),
                            f.masked(),
                            placeholders.get(i),
                            required.contains(f)));
        }
        return unlisted;
    }

    private void show(Segment segment) {
        String text = segment.text();
        if (text.length() <= MAX_WHOLE && shown + text.length() <= MAX_TEXT) {
            add(segment, 0, text.length());
            return;
        }
        int end = 0;
        boolean any = false;
        for (Mark mark : marks) {
            if (mark.segment() == segment.index() && mark.span().end() > end) {
                int from = Math.max(end, mark.span().start() - AROUND);
                end = Math.min(text.length(), mark.span().end() + AROUND);
                any = true;
                if (!add(segment, from, end)) {
                    return;
                }
            }
        }
        if (!any) {
            add(segment, 0, Math.min(text.length(), MAX_WHOLE));
        }
    }

    private boolean add(Segment segment, int from, int to) {
        String text = segment.text();
        int start = splitsPair(text, from) ? from - 1 : from;
        int end = splitsPair(text, to) ? to + 1 : to;
        if (shown + end - start > MAX_TEXT) {
            return false;
        }
        shown += end - start;
        boolean whole = start == 0 && end == text.length();
        passages.add(
                new Passage(
                        segment.index(),
                        segment.origin(),
                        start,
                        text.substring(start, end),
                        whole));
        return true;
    }

    private static boolean splitsPair(String text, int at) {
        return at > 0 && at < text.length() && Character.isLowSurrogate(text.charAt(at));
    }
}
