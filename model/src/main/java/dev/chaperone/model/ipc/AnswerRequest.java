// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.util.Objects;

/**
 * Params of {@link Ipc#ANSWER}.
 *
 * @param id the question's UUID, or its last eight hex digits
 * @param choice what was chosen
 * @param via where it was chosen; the agent looks at the process itself before it believes it
 */
public record AnswerRequest(String id, Choice choice, Via via) {
    public AnswerRequest {
        Objects.requireNonNull(id);
        Objects.requireNonNull(choice);
        Objects.requireNonNull(via);
    }

    /** Where a person answers. */
    public enum Via {
        TERMINAL,
        UI
    }
}
