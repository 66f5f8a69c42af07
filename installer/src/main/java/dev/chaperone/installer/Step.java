// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;

/**
 * One thing that an installation sets up. It asks for all that is to hold, each time; {@link
 * Changes} makes what does not hold yet.
 */
public interface Step {
    /** Stands in the undo ledger and in {@code doctor}; lower case with dashes. */
    String name();

    /**
     * Asks for what is to hold. What cannot be done now and holds nothing else of the step up is
     * said to {@link Changes#leftOut(String)}; the step is not done then, and is not taken back.
     *
     * @return what was found, in a few words
     * @throws StepException what this step changed is undone then
     * @throws IOException the same, with the system's own words
     */
    String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException;

    /**
     * Before a removal: enters what programs of others made of what this step had set up, so that
     * it is taken back with the rest.
     */
    default void claim(Machine machine, Changes changes) throws IOException {}
}
