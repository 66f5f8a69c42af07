// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Who runs this process. */
public final class Caller {
    /** Where nobody can be named: the service manager, a signal, the agent itself. */
    public static final String SYSTEM = "system";

    private Caller() {}

    /**
     * {@code uid N}; behind sudo(8), which says so to root only, the person's.
     *
     * @param environment of this process
     */
    public static String of(Map<String, String> environment) {
        try {
            if (!(Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid)) {
                return SYSTEM;
            }
            String person = environment.getOrDefault("SUDO_UID", "");
            return "uid " + (uid == 0 && person.matches("\\d{1,10}") ? person : uid.toString());
        } catch (IOException | UnsupportedOperationException e) {
            return SYSTEM;
        }
    }
}
