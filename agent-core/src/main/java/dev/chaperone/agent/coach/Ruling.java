// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.finding.Span;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one segment of a prompt from now on.
 *
 * @param kind what was chosen
 * @param left spans that are sent as they are
 * @param text what is sent instead of the whole segment; set for {@link Kind#EDIT} only
 * @param prompt the prompt it was chosen for; tells a retry from a later turn
 */
public record Ruling(Kind kind, Set<Span> left, @Nullable String text, ContentKey prompt) {
    public Ruling {
        left = Set.copyOf(left);
    }

    /** The choices. */
    public enum Kind {
        REDACT,
        /** Sent with a reason. */
        SEND,
        EDIT,
        CANCEL,
        /** Nobody answered and the rule's {@code on-timeout} let it pass. */
        PASSED
    }

    /** Hides the text. */
    @Override
    public String toString() {
        return "Ruling[" + kind + "]";
    }
}
