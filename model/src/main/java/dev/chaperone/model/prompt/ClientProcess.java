// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

import org.jspecify.annotations.Nullable;

/**
 * The local process at the other end of a proxied connection.
 *
 * @param pid process id, or -1 when unknown
 * @param uid user id, or -1 when unknown
 * @param executable path of its executable, or null when unknown
 */
public record ClientProcess(long pid, long uid, @Nullable String executable) {
    public static final ClientProcess UNKNOWN = new ClientProcess(-1, -1, null);

    /** The executable's file name, or {@code unknown}. */
    public String appName() {
        if (executable == null) {
            return "unknown";
        }
        return executable.substring(
                Math.max(executable.lastIndexOf('/'), executable.lastIndexOf('\\')) + 1);
    }

    @Override
    public String toString() {
        return "ClientProcess[" + pid + ", " + uid + "]";
    }
}
