// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import org.jspecify.annotations.Nullable;

/**
 * Why there is no connection to a service.
 *
 * @param code of docs/errors.md
 * @param says the same for a reader, without anything of the request
 */
record ConnectFailure(String code, String says) {
    static ConnectFailure of(String code) {
        return new ConnectFailure(code, ErrorReplies.explain(code));
    }

    /** By what a {@link Connector} failed with. */
    static ConnectFailure of(@Nullable Throwable cause) {
        return cause instanceof ProxyRefusedException refused
                ? new ConnectFailure(refused.code(), String.valueOf(refused.getMessage()))
                : of("CHP-UP-001");
    }
}
