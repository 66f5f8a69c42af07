// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One kind of tool. Stateless; a repair only plans, {@link DeveloperTools} carries it out. */
interface TrustTarget {
    /** As people call it. */
    String name();

    /** Every installed one. */
    List<Path> programs(Person person);

    /**
     * How the tool itself is asked; empty for one that is not concerned.
     *
     * @throws IOException when the question's scratch folder cannot be written
     */
    Optional<Probe> probe(Person person, Path program, Probe.Question question)
            throws IOException, TrustException;

    /** The least invasive documented way to make it trust us, for this person only. */
    Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException;
}
