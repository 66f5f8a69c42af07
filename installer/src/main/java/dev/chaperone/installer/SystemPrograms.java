// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.nio.file.Path;
import java.util.List;

/** Programs of the system that have to take note of a change. */
final class SystemPrograms {
    /** What Debian's update-ca-certificates(8) writes, before it takes the bundle's place. */
    private static final String BEGUN = "/etc/ssl/certs/ca-certificates.crt.new";

    private SystemPrograms() {}

    /**
     * Runs one. Debian's program appends to what an earlier one began that was killed, so the new
     * bundle would hold roots that are gone: such a beginning is moved out of the way first, by the
     * program itself.
     */
    static Commands.Ended run(Machine machine, List<String> command) {
        boolean begun =
                Path.of(command.getFirst()).endsWith("update-ca-certificates")
                        && machine.exists(BEGUN);
        if (begun) {
            Commands.Ended ignored = machine.commands().run(command);
        }
        return machine.commands().run(command);
    }
}
