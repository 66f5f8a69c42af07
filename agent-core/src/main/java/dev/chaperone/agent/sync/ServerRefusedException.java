// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The server, or the way to it, said no. The message is one clear line for the person. */
public final class ServerRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Duration after;

    ServerRefusedException(String message) {
        this(message, null);
    }

    /**
     * @param after when the server wishes to be asked again, or null
     */
    ServerRefusedException(String message, @Nullable Duration after) {
        super(message);
        this.after = after;
    }

    @Nullable Duration after() {
        return after;
    }
}
