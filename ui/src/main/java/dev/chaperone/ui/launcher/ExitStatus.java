// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

/** Exit status of the process (DESIGN §4.1). */
final class ExitStatus {
    static final int DONE = 0;

    /** Wrong use or bad input. */
    static final int USAGE = 2;

    /** The environment: no display, no place for a socket. */
    static final int ENVIRONMENT = 3;

    private ExitStatus() {}
}
