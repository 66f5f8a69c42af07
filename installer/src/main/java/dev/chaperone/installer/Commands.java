// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.util.List;

/** Runs the system's own programs. */
public interface Commands {
    /**
     * How a program ended.
     *
     * @param status exit status; {@link #NOT_FOUND} when it is not installed, {@link #TOO_LONG}
     *     when it was stopped
     * @param output standard output and error, at most 64 KiB
     */
    record Ended(int status, String output) {
        public boolean ok() {
            return status == 0;
        }

        /** The last line that says something. */
        public String lastLine() {
            return output.lines().filter(l -> !l.isBlank()).reduce("", (_, l) -> l).strip();
        }
    }

    int NOT_FOUND = 127;
    int TOO_LONG = 124;

    /** Runs one program as this process's user; waits at most two minutes. */
    Ended run(List<String> command);

    /**
     * Runs one program as another user: what lies in a person's home is touched with that person's
     * rights only, so that a link planted there leads nowhere. It has no terminal, and is waited
     * for a quarter of a minute at most; after ten seconds of programs that failed none is started
     * for that user any more.
     */
    Ended runAs(UserAccount user, List<String> command);

    /** Whether a program is installed. */
    boolean installed(String program);
}
