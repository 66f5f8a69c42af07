// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import dev.chaperone.model.ipc.AnswerRequest.Via;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Params of {@link Ipc#PAUSE}.
 *
 * @param minutes how long
 * @param reason why, in the person's words; may be null where policy asks for none
 * @param via where it was asked for; the agent looks at the process itself before it believes it
 */
public record PauseRequest(int minutes, @Nullable String reason, Via via) {
    /** Longest reason that is taken, UTF-16 units. */
    public static final int MAX_REASON = 200;

    public PauseRequest {
        Objects.requireNonNull(via);
    }
}
