// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

import org.jspecify.annotations.Nullable;

/**
 * The local process at the other end of a proxied connection.
 *
 * @param pid process id, or -1 when unknown
 * @param uid user id, or -1 when unknown
 * @param executable path of its executable, or of the script that a general interpreter runs, or
 *     null when unknown
 */
public record ClientProcess(long pid, long uid, @Nullable String executable) {
    public static final ClientProcess UNKNOWN = new ClientProcess(-1, -1, null);

    /** The executable's file name without {@code .exe}, or {@code unknown}. */
    public String appName() {
        if (executable == null) {
            return "unknown";
        }
        String file =
                executable.substring(
                        Math.max(executable.lastIndexOf('/'), executable.lastIndexOf('\\')) + 1);
        return file.endsWith(".exe") ? file.substring(0, file.length() - 4) : file;
    }

    @Override
    public String toString() {
        return "ClientProcess[" + pid + ", " + uid + "]";
    }
}
