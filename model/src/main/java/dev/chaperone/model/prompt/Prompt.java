// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one request or message is about to send to an AI service.
 *
 * @param segments every text that a scanner must see, in document order; {@code
 *     segments.get(i).index() == i}
 * @param text what the person asked in this turn: the user texts joined with {@code \n}, empty when
 *     there is none
 * @param attachments files that go with it
 * @param model the requested model (for {@code kind: tool} the method, tool or resource name), or
 *     null
 * @param conversation the service's conversation identifier, or null
 * @param account who sends it
 * @param notInspected parts that could not be read; empty for a prompt that was read whole
 */
public record Prompt(
        List<Segment> segments,
        String text,
        List<Attachment> attachments,
        @Nullable String model,
        @Nullable String conversation,
        Account account,
        List<NotInspected> notInspected) {
    public Prompt {
        segments = List.copyOf(segments);
        attachments = List.copyOf(attachments);
        notInspected = List.copyOf(notInspected);
    }

    /** A prompt nothing of which could be read. */
    public static Prompt unread(NotInspected why) {
        return new Prompt(List.of(), "", List.of(), null, null, Account.UNKNOWN, List.of(why));
    }

    public Optional<NotInspected> firstNotInspected() {
        return notInspected.stream().findFirst();
    }

    /** Hides every text (DESIGN §2 rule 4). */
    @Override
    public String toString() {
        return "Prompt["
                + segments.size()
                + " segments, "
                + text.length()
                + " chars asked, "
                + attachments.size()
                + " attachments, not inspected "
                + notInspected.size()
                + "]";
    }
}
