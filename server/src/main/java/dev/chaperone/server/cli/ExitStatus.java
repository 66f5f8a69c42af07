// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

/** The exit statuses of every command (DESIGN §4.1). */
public final class ExitStatus {
    /** Done. */
    public static final int DONE = 0;

    /** The answer is "no". */
    public static final int NO = 1;

    /** Wrong use or bad input; one clear line on stderr. */
    public static final int USAGE = 2;

    /** The environment is not as needed. */
    public static final int ENVIRONMENT = 3;

    /** A bug. */
    public static final int BUG = 70;

    private ExitStatus() {}
}
