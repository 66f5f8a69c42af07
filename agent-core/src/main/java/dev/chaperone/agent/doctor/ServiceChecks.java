// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.agent.machine.Watchdog;
import dev.chaperone.installer.Commands;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Whether the machine's service runs, and really answers. */
final class ServiceChecks {
    private static final String NAME = "service";
    private static final String UNIT = "chaperone.service";

    private ServiceChecks() {}

    static List<Check> examine(Scope scope, String language) {
        CheckList checks = new CheckList("machine", language);
        // sd_booted(3): the folder is there when systemd runs the machine.
        boolean managed = scope.machine().exists("/run/systemd/system");
        Properties unit = managed ? unit(scope.machine().commands()) : new Properties();
        String active = unit.getProperty("ActiveState", "");
        boolean answers =
                scope.proxy()
                        .map(p -> Watchdog.answers(new InetSocketAddress(p.host(), p.port())))
                        .orElse(false);
        String restarts = unit.getProperty("NRestarts", "0");
        Optional<PortHolder> taken = PortHolder.insteadOfService(scope.machine(), scope.proxy());
        if (taken.isPresent()) {
            taken(checks, taken.get());
        } else if (!active.isEmpty() && !active.equals("active")) {
            checks.bad(NAME, "service.inactive", active, unit.getProperty("Result", ""));
        } else if (scope.proxy().isEmpty()) {
            checks.bad(NAME, "service.none");
        } else if (!answers) {
            checks.bad(NAME, "service.hangs", scope.proxy().get());
        } else if (!restarts.equals("0")) {
            checks.note(NAME, "service.restarted", scope.proxy().get(), restarts);
        } else {
            checks.ok(NAME, "service.ok", scope.proxy().get());
        }
        checks.evidence(
                (unit.isEmpty() ? "no service manager says" : shown(unit, active, restarts))
                        + scope.proxy()
                                .map(p -> "; asked " + p + (answers ? ": answers" : ": silent"))
                                .orElse("; names no address")
                        + taken.map(t -> "; " + t.at() + " is held by uid " + t.process().uid())
                                .orElse(""));
        return checks.all();
    }

    private static void taken(CheckList checks, PortHolder holder) {
        if (holder.process().pid() < 0) {
            checks.bad(NAME, "service.taken", holder.at(), holder.user());
        } else {
            checks.bad(
                    NAME,
                    "service.taken.known",
                    holder.at(),
                    holder.user(),
                    holder.program(),
                    Long.toString(holder.process().pid()));
        }
    }

    private static String shown(Properties unit, String active, String restarts) {
        return "%s ActiveState=%s SubState=%s Result=%s NRestarts=%s"
                .formatted(
                        UNIT,
                        active,
                        unit.getProperty("SubState", ""),
                        unit.getProperty("Result", ""),
                        restarts);
    }

    /** systemctl(1), show: one {@code Name=value} a line. */
    private static Properties unit(Commands commands) {
        Properties unit = new Properties();
        Commands.Ended shown =
                commands.run(
                        List.of(
                                "systemctl",
                                "show",
                                UNIT,
                                "--property=ActiveState,SubState,Result,NRestarts"));
        try {
            if (shown.ok()) {
                unit.load(new StringReader(shown.output()));
            }
        } catch (IOException | IllegalArgumentException e) {
            unit.clear();
        }
        return unit;
    }
}
