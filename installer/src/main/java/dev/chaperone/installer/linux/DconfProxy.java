// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Changes;
import dev.chaperone.installer.LineKeys;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.StepException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The PAC address for GNOME and programs that ask GNOME's settings: a dconf database of our own,
 * before the others in the users' profile, not locked, so that what a person set comes first.
 * Source: dconf(7), GNOME system administration guide, "dconf custom default values".
 */
public final class DconfProxy implements Step {
    private static final String PROFILE = "/etc/dconf/profile/user";
    private static final String DATABASE = "/etc/dconf/db/chaperone";
    private static final String LINE = "system-db:chaperone";

    @Override
    public String name() {
        return "gnome-proxy";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        if (!machine.commands().installed("dconf")) {
            return "no dconf here: no GNOME desktop that would read it";
        }
        changes.refreshing(
                List.of("dconf", "update"),
                () -> {
                    changes.generated(DATABASE);
                    changes.write(
                            DATABASE + ".d/00-proxy",
                            ("[system/proxy]\nmode='auto'\nautoconfig-url='"
                                            + settings.pacUrl()
                                            + "'\n")
                                    .getBytes(StandardCharsets.UTF_8));
                    changes.merge(PROFILE, new LineKeys(LINE, "system-db:", "user-db:user\n"));
                });
        return DATABASE;
    }
}
