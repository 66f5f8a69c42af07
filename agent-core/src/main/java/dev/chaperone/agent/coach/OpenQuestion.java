// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.ipc.Question;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A question without an answer. Does not keep the prompt: a refused question lives for an hour, and
 * what it shows is bounded. Guarded by its desk's lock, except for {@code settled}.
 */
final class OpenQuestion {
    /** What its id and its sharers are found by. */
    final ContentKey content;

    final long uid;
    final List<Subject> subjects;

    /** The prompt it is about. */
    final ContentKey prompt;

    /** What may be left in. */
    final List<Finding> sendable;

    /** Whether the request may be changed at all. */
    final boolean editable;

    final Action onTimeout;

    /** {@link System#nanoTime} at which the rule's deadline ends. */
    final long deadline;

    /** Completed when nobody needs to wait any more: answered, or the desk closes. */
    final CompletableFuture<Boolean> settled = new CompletableFuture<>();

    int waiting;
    private @Nullable Question question;

    OpenQuestion(ContentKey content, Matter matter, List<Subject> subjects, ContentKey prompt) {
        this.content = content;
        this.uid = matter.uid();
        this.subjects = subjects;
        this.prompt = prompt;
        this.sendable =
                matter.coach().spans().stream()
                        .filter(f -> !matter.coach().required().contains(f))
                        .toList();
        this.editable = matter.exchange().redactable();
        this.onTimeout = matter.coach().onTimeout();
        this.deadline = System.nanoTime() + matter.coach().within().toNanos();
    }

    void worded(Question asked) {
        question = asked;
    }

    Question question() {
        return Objects.requireNonNull(question);
    }
}
