// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.pause.PauseDesk;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Whether a user's connections pass unread for a while: only the running agent knows. */
public final class PauseCheck {
    public static final String NAME = "pause";

    private PauseCheck() {}

    /**
     * One condition; none where policy allows no pause.
     *
     * @param uid of the reader; 0 is told how many others paused, too
     * @param language of the reader, a BCP 47 tag
     */
    public static List<Check> of(PauseDesk desk, long uid, String language) {
        Optional<AgentStatus.Pause> pause = desk.of(uid);
        if (pause.isEmpty()) {
            return List.of();
        }
        CheckList checks = new CheckList("device", language);
        if (pause.get().until() != null) {
            checks.bad(NAME, "pause.on", pause.get().until().truncatedTo(ChronoUnit.SECONDS));
        } else if (uid == 0 && desk.count() > 0) {
            checks.bad(NAME, "pause.others", desk.count());
        } else {
            checks.ok(NAME, "pause.off", pause.get().longest());
        }
        checks.evidence("users who have paused: " + (uid == 0 ? desk.count() : "not told"));
        return checks.all();
    }
}
