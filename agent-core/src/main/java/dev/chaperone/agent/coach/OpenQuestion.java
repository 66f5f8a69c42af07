// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.ipc.Question;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A question without an answer. Guarded by its desk's lock, except for {@code settled}. */
final class OpenQuestion {
    final ContentKey content;
    final Matter matter;
    final List<Subject> subjects;

    /** {@link System#nanoTime} at which the rule's deadline ends. */
    final long deadline;

    /** Completed when nobody needs to wait any more: answered, or the desk closes. */
    final CompletableFuture<Boolean> settled = new CompletableFuture<>();

    int waiting;
    private @Nullable Question question;

    OpenQuestion(ContentKey content, Matter matter, List<Subject> subjects, long deadline) {
        this.content = content;
        this.matter = matter;
        this.subjects = subjects;
        this.deadline = deadline;
    }

    void worded(Question asked) {
        question = asked;
    }

    Question question() {
        return Objects.requireNonNull(question);
    }
}
