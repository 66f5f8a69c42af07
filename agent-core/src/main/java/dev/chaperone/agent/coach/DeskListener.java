// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;

/** Told of questions; must not block. */
public interface DeskListener {
    /** Nobody listens. */
    DeskListener NOBODY =
            new DeskListener() {
                @Override
                public void asked(Question question) {}

                @Override
                public void settled(long uid, Settled settled) {}
            };

    /** A request is held for this question; for interfaces of {@code question.uid()} only. */
    void asked(Question question);

    /** A question ended, or was refused and is not waited for any more. */
    void settled(long uid, Settled settled);
}
