// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.StartException;
import dev.chaperone.agent.doctor.Doctor;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.ipc.Ipc;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code chaperone doctor}: every condition for being protected, each with its remedy. Status 1
 * when one does not hold.
 */
@Command(
        name = "doctor",
        description = "Checks every condition for being protected and says how to mend it.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Check> checks;
        try {
            checks = checks();
        } catch (StartException e) {
            spec.commandLine().getErr().println("chaperone: " + e.getMessage());
            return e.exitStatus();
        }
        boolean well = checks.stream().noneMatch(c -> c.state() == State.BAD);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonMapper.builder().build().writeValueAsString(object(well, checks)));
        } else {
            checks.forEach(c -> out.println(line(c)));
        }
        out.flush();
        return well ? ExitStatus.DONE : ExitStatus.NO;
    }

    /**
     * The agent on the folder; on a machine with the service, for a user without an agent of their
     * own, what the service says of itself to that user.
     */
    private List<Check> checks() throws StartException {
        Path folder = dataDir.resolve();
        boolean theService =
                !dataDir.asked()
                        && !InstalledService.isRoot()
                        && RunningAgent.on(folder).isEmpty()
                        && (RunningAgent.service().isPresent() || InstalledService.isInstalled());
        if (!theService) {
            return Doctor.examine(folder, "en", null);
        }
        try (IpcClient agent = AgentLink.open(folder)) {
            JsonNode subscribed = agent.call(Ipc.SUBSCRIBE, Map.of("language", "en"));
            assert subscribed != null;
            return agent.awaitChecks();
        } catch (IOException | IpcClient.RefusedException e) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "the machine's service does not answer; ask an administrator for 'systemctl"
                            + " status chaperone'");
        }
    }

    private static Map<String, Object> object(boolean well, List<Check> checks) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("protected", well);
        all.put(
                "checks",
                checks.stream()
                        .map(c ->
                                Map.of(
                                        "name",
                                        c.name(),
                                        "state",
                                        c.state().name().toLowerCase(Locale.ROOT),
                                        "says",
                                        c.says(),
                                        "remedy",
                                        c.remedy()))
                        .toList());
        return all;
    }

    private static String line(Check check) {
        String mark =
                switch (check.state()) {
                    case OK -> "ok  ";
                    case NOTE -> "note";
                    case BAD -> "BAD ";
                };
        return mark
                + "  "
                + check.name()
                + ": "
                + check.says()
                + (check.remedy().isEmpty() ? "" : "  → " + check.remedy());
    }
}
