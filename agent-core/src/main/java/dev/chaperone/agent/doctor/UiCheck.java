// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.model.ipc.AgentStatus.Check;

/** Whether a person can be asked: only the agent knows who is connected. */
public final class UiCheck {
    public static final String NAME = "ui";

    private UiCheck() {}

    /**
     * @param attended whether an interface of the user is connected
     * @param language of the reader, a BCP 47 tag
     */
    public static Check of(boolean attended, String language) {
        CheckList checks = new CheckList("device", language);
        if (attended) {
            checks.ok(NAME, "ui.ok");
        } else {
            checks.note(NAME, "ui.none");
        }
        checks.evidence(
                "interfaces of this user at the agent's socket: " + (attended ? "some" : "none"));
        return checks.all().getFirst();
    }
}
