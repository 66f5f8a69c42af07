// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.agent.lifecycle.Caller;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.store.EventJson;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.sync.LifecycleEntry;
import dev.chaperone.model.time.Since;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code chaperone events}: what was decided. */
@Command(
        name = "events",
        description = "Lists what was decided, oldest first.",
        mixinStandardHelpOptions = true)
public final class EventsCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    private static final String NONE =
            "No events yet. They appear once an AI service was used through the agent.";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Option(names = "--follow", description = "Go on with new events.")
    private boolean follow;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "A duration (30d, 12h, 5m) or an RFC 3339 time. Default: 30d.",
            defaultValue = "30d")
    private String since = "30d";

    @Option(
            names = "--lifecycle",
            description =
                    "The agent's own record instead: starts, stops and changes of it, and by whom."
                            + " Status 1 when it was tampered with.")
    private boolean lifecycle;

    @Option(
            names = "--accept-break",
            description =
                    "With --lifecycle: what was tampered with was looked into; keep it aside and"
                            + " begin a new record.")
    private boolean acceptBreak;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Instant from;
        try {
            from = Since.parse(since, Instant.now(), 9);
        } catch (IllegalArgumentException e) {
            err.println("chaperone: --since '" + since + "': " + e.getMessage());
            return ExitStatus.USAGE;
        }
        try {
            Path path = dataDir.resolve();
            if (ofService(path)) {
                return askService(path, out, err, from);
            }
            try (OwnerRights _ = OwnerRights.in(path)) {
                DataFolder folder = DataFolder.open(path);
                if (lifecycle || acceptBreak) {
                    return lifecycle(folder, out, err, from);
                }
                EventReader reader = new EventReader(folder.path(), folder.vault());
                print(out, reader, from);
                return ExitStatus.DONE;
            }
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (IOException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }

    /** Whether the machine's service serves this user, who has no agent and no folder of it. */
    private static boolean ofService(Path path) {
        return RunningAgent.on(path).isEmpty() && AgentLink.service(path).isPresent();
    }

    /** The service's folder is closed to its users; it tells each their own. */
    private int askService(Path path, PrintWriter out, PrintWriter err, Instant from)
            throws StartException, IOException, InterruptedException {
        if (lifecycle || acceptBreak) {
            err.println("chaperone: the service's own record is root's to read; use sudo");
            return ExitStatus.ENVIRONMENT;
        }
        Set<UUID> printed = new HashSet<>();
        try (IpcClient agent = AgentLink.open(path)) {
            do {
                List<Activity> latest = new ArrayList<>();
                for (JsonNode one : agent.call(Ipc.ACTIVITY, Map.of("since", from.toString()))) {
                    latest.add(agent.value(one, Activity.class));
                }
                for (Activity activity : latest.reversed()) { // newest come first
                    if (printed.add(activity.id())) {
                        out.println(json ? JSON.writeValueAsString(activity) : line(activity));
                    }
                }
                out.flush();
                if (follow) {
                    TimeUnit.MILLISECONDS.sleep(1000);
                }
            } while (follow && !out.checkError());
        } catch (IpcClient.RefusedException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.NO;
        }
        if (!json && printed.isEmpty()) {
            out.println(NONE);
            out.flush();
        }
        return ExitStatus.DONE;
    }

    private int lifecycle(DataFolder folder, PrintWriter out, PrintWriter err, Instant from)
            throws IOException {
        if (!lifecycle || follow) {
            err.println("chaperone: --accept-break goes with --lifecycle, and --follow without");
            return ExitStatus.USAGE;
        }
        LifecycleLog log = new LifecycleLog(folder.path(), folder.vault(), InstantSource.system());
        if (acceptBreak) {
            Optional<Path> aside = log.acceptBreak(Caller.of(System.getenv()));
            aside.ifPresent(a -> err.println("chaperone: kept aside: " + a));
        }
        for (LifecycleEntry entry : log.entries()) {
            if (!entry.at().isBefore(from)) {
                out.println(json ? JSON.writeValueAsString(entry) : line(entry));
            }
        }
        out.flush();
        Optional<String> broken = log.verify().broken();
        broken.ifPresent(why -> err.println("chaperone: the record was tampered with: " + why));
        return broken.isPresent() ? ExitStatus.NO : ExitStatus.DONE;
    }

    private static String line(LifecycleEntry e) {
        return TIME.format(e.at())
                + "  "
                + e.n()
                + "  "
                + Inert.text(e.kind())
                + "  "
                + Inert.text(e.by())
                + "  "
                + Inert.text(e.detail());
    }

    private void print(PrintWriter out, EventReader reader, Instant from)
            throws IOException, InterruptedException {
        EventJson form = new EventJson();
        long last = 0;
        do {
            List<Event> events = reader.since(from, last);
            for (Event event : events) {
                last = event.seq();
                out.println(
                        json ? new String(form.write(event), StandardCharsets.UTF_8) : line(event));
            }
            out.flush();
            if (follow) {
                TimeUnit.MILLISECONDS.sleep(300);
            }
        } while (follow && !out.checkError());
        if (!json && last == 0) {
            out.println(NONE);
        }
    }

    private static String line(Event e) {
        return line(Activity.of(e));
    }

    private static String line(Activity e) {
        StringBuilder line = new StringBuilder(TIME.format(e.at()));
        line.append("  ").append(e.service());
        line.append("  ").append(e.action().id()).append(" → ").append(e.outcome().name());
        line.append("  ").append(e.rule());
        if (!e.findings().isEmpty()) {
            line.append("  ").append(e.findings());
        }
        if (!e.notInspected().isEmpty()) {
            line.append("  not inspected: ").append(e.notInspected());
        }
        if (e.code() != null) {
            line.append("  ").append(e.code());
        }
        if (e.repeats() > 0) {
            line.append("  seen again ").append(e.repeats()).append("×");
        }
        String id = e.id().toString();
        return line.append("  id ").append(id.substring(id.length() - 8)).toString();
    }
}
