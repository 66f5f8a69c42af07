// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.Version;
import dev.chaperone.agent.doctor.Doctor;
import dev.chaperone.agent.doctor.MachineChecks;
import dev.chaperone.agent.doctor.PauseCheck;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.doctor.SupportBundle;
import dev.chaperone.agent.doctor.UiCheck;
import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.ipc.Ipc;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
    /** An agent looks at everything within two seconds; one that hangs says nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Set<String> ONLY_TOLD = Set.of(UiCheck.NAME, PauseCheck.NAME);

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Option(
            names = "--bundle",
            paramLabel = "FILE",
            description =
                    "Also write a ZIP file for support: this, versions, counters, settings without"
                            + " their values. No prompts, tokens, keys, names of people or hosts.")
    private @Nullable Path bundle;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The agent's configuration, for --bundle. Default: the service's.")
    private Path config = InstalledService.CONFIG;

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
        if (bundle != null && !bundled(bundle, object(well, group(), checks))) {
            return ExitStatus.USAGE;
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(
                    JsonMapper.builder().build().writeValueAsString(object(well, group(), checks)));
        } else {
            checks.forEach(c -> out.println(line(c)));
        }
        out.flush();
        return well ? ExitStatus.DONE : ExitStatus.NO;
    }

    private boolean bundled(Path file, Map<String, @Nullable Object> found) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            List<String> names = SupportBundle.write(file, dataDir.resolve(), config, found);
            err.println(
                    "chaperone: "
                            + file
                            + " holds "
                            + String.join(", ", names)
                            + "; look through it before you send it");
            return true;
        } catch (IOException e) {
            err.println("chaperone: --bundle: " + e.getMessage());
            return false;
        } finally {
            err.flush();
        }
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
            List<Check> all = new ArrayList<>(Doctor.examine(folder, "en", null));
            if (all.stream().anyMatch(c -> c.name().equals("port") && c.state() == State.OK)) {
                all.addAll(onlyTold(folder));
            }
            return all;
        }
        List<Check> all = new ArrayList<>();
        try {
            all.addAll(told(folder));
        } catch (StartException e) {
            // Dead or hanging: seen from outside, that is what there is to say.
            all.addAll(MachineChecks.ofService("en"));
            if (all.stream().noneMatch(c -> c.state() == State.BAD)) {
                throw e;
            }
        }
        all.addAll(MachineChecks.ofPerson("en"));
        return all;
    }

    /** What an agent says of itself to this user. */
    private static List<Check> told(Path folder) throws StartException {
        try (IpcClient agent = AgentLink.open(folder)) {
            agent.limit(PATIENCE);
            JsonNode subscribed =
                    agent.call(Ipc.SUBSCRIBE, Map.of("language", "en", Ipc.WATCH, true));
            assert subscribed != null;
            return agent.awaitChecks();
        } catch (IOException | IpcClient.RefusedException e) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "the machine's service does not answer; ask an administrator for 'systemctl"
                            + " status chaperone'");
        }
    }

    /**
     * Only the agent knows who is connected and who paused; one that does not answer is said
     * already.
     */
    private static List<Check> onlyTold(Path folder) {
        try {
            return told(folder).stream().filter(c -> ONLY_TOLD.contains(c.name())).toList();
        } catch (StartException e) {
            return List.of();
        }
    }

    /** The group of an enrolled device, as far as this user may know it; else null. */
    private @Nullable String group() {
        Path folder = dataDir.resolve();
        try (OwnerRights _ = OwnerRights.in(folder)) {
            Optional<ServerLink> link = ServerLink.read(folder);
            if (link.isPresent()) {
                return link.get().group();
            }
        } catch (StartException | IOException e) {
            // Damaged: said by a condition.
        }
        return RunningAgent.reachable(folder, dataDir.asked())
                .map(a -> a.properties().getProperty("group"))
                .orElse(null);
    }

    private static Map<String, @Nullable Object> object(
            boolean well, @Nullable String group, List<Check> checks) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("protected", well);
        all.put("version", Version.number());
        all.put("group", group);
        all.put("checks", checks.stream().map(DoctorCommand::object).toList());
        return all;
    }

    private static Map<String, Object> object(Check check) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", check.name());
        one.put("state", check.state().name().toLowerCase(Locale.ROOT));
        one.put("says", check.says());
        one.put("remedy", check.remedy());
        if (check.evidence() != null) {
            one.put("evidence", check.evidence());
        }
        return one;
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
