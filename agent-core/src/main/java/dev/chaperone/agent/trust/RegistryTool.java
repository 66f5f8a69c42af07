// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A package manager: registries are never opened, so it sees their own certificates through the
 * proxy and needs nothing of us. Listed so that nobody sets a bundle for it, which would take its
 * own (pip's since 24.2 is the system's) away.
 */
record RegistryTool(String name) implements TrustTarget {
    @Override
    public List<Path> programs(Person person) {
        return person.program(name).stream().toList();
    }

    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question) {
        return Optional.empty();
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder) {
        return Repair.refused("nothing to do");
    }
}
