// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.agent.os.ProcessTree;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import java.util.Optional;

/** Whether a process may let something go that was found, or pause (DESIGN §4.5). */
@FunctionalInterface
public interface PeerGuard {
    /**
     * Empty if it may, else one line why not.
     *
     * @param via where the process says that a person answered
     */
    Optional<String> refusal(Peer peer, Via via);

    /** The guard that looks at the process's tree. */
    static PeerGuard byProcessTree() {
        ProcessTree tree = new ProcessTree();
        return (peer, via) -> judge(peer, via, tree);
    }

    private static Optional<String> judge(Peer peer, Via via, ProcessTree tree) {
        if (peer.pid() <= 0) {
            return Optional.of("the process that asks for it cannot be told on this system");
        }
        ProcessTree.Ancestry ancestry = tree.above(peer.pid());
        if (ancestry.harness().isPresent()) {
            return Optional.of(
                    "an AI agent ("
                            + ancestry.harness().get()
                            + ") cannot do that; a person has to");
        }
        if (!ancestry.complete()) {
            return Optional.of("the process that asks for it cannot be looked at");
        }
        return via == Via.TERMINAL && !ancestry.terminal()
                ? Optional.of("that needs a person at a terminal")
                : Optional.empty();
    }
}
