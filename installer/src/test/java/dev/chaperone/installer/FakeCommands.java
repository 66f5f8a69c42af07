// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A machine without programs but those named; remembers what ran. The real ones run in
 * installer/linux/proof.
 */
final class FakeCommands implements Commands {
    final List<String> ran = new ArrayList<>();
    final Set<String> programs = new HashSet<>();
    final Set<String> failing = new HashSet<>();

    FakeCommands(String... programs) {
        this.programs.addAll(List.of(programs));
    }

    @Override
    public Ended run(List<String> command) {
        if (!programs.contains(command.getFirst())) {
            return new Ended(NOT_FOUND, command.getFirst() + " is not installed");
        }
        ran.add(String.join(" ", command));
        return failing.contains(command.getFirst())
                ? new Ended(1, "no space left")
                : new Ended(0, "");
    }

    @Override
    public Ended runAs(UserAccount user, List<String> command) {
        return run(command);
    }

    @Override
    public boolean installed(String program) {
        return programs.contains(program);
    }
}
