// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.trust.DeveloperTools;
import dev.chaperone.agent.trust.State;
import dev.chaperone.agent.trust.ToolReport;
import dev.chaperone.agent.trust.TrustException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code chaperone trust}: which developer tools of this person trust the agent's root, by asking
 * each through the running agent. Status 1 when one does not.
 */
@Command(
        name = "trust",
        description = {
            "Shows which of your developer tools trust this agent, by running each against a host that"
                    + " the agent answers itself: no prompt is sent, nothing leaves the machine.",
            "--repair changes the settings of those that do not, for you alone; --undo restores them."
        },
        mixinStandardHelpOptions = true)
public final class TrustCommand implements Callable<Integer> {
    /** At most one of them. */
    static final class What {
        @Option(names = "--repair", description = "Make those trust that do not.")
        private boolean repair;

        @Option(names = "--undo", description = "Take back all that --repair ever changed.")
        private boolean undo;
    }

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @ArgGroup private What what = new What();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        try {
            return what.undo ? undo() : ask();
        } catch (TrustException e) {
            spec.commandLine().getErr().println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }

    private int undo() throws TrustException {
        PrintWriter out = spec.commandLine().getOut();
        List<String> undone = DeveloperTools.ofCurrentUser("").undo();
        if (json) {
            print(Map.of("undone", undone));
        } else if (undone.isEmpty()) {
            out.println("nothing to take back");
        } else {
            undone.forEach(out::println);
        }
        out.flush();
        return ExitStatus.DONE;
    }

    private int ask() throws TrustException, InterruptedException {
        Path folder = dataDir.resolve();
        Optional<RunningAgent> agent = RunningAgent.reachable(folder, dataDir.asked());
        Optional<String> root = agent.flatMap(a -> root(a.ca(folder)));
        if (agent.isEmpty() || root.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "chaperone: no agent runs on "
                                    + folder
                                    + ", so no tool can be asked; start one with 'chaperone run'");
            return ExitStatus.ENVIRONMENT;
        }
        DeveloperTools tools = DeveloperTools.ofCurrentUser(root.get());
        String address = agent.get().address();
        List<ToolReport> reports = what.repair ? tools.repair(address) : tools.examine(address);
        List<String> stale = tools.stale();
        boolean well = stale.isEmpty() && reports.stream().allMatch(TrustCommand::isWell);
        show(reports, stale, well);
        return well ? ExitStatus.DONE : ExitStatus.NO;
    }

    private static boolean isWell(ToolReport report) {
        return report.state() != State.DOES_NOT_TRUST && report.state() != State.UNKNOWN;
    }

    private static Optional<String> root(Path ca) {
        try {
            return Optional.of(Files.readString(ca, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void show(List<ToolReport> reports, List<String> stale, boolean well) {
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("trusted", well);
            all.put("stale", stale);
            all.put("tools", reports);
            print(all);
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        for (ToolReport report : reports) {
            if (report.state() == State.NOT_INSTALLED) {
                continue;
            }
            out.println(
                    String.format(
                            Locale.ROOT,
                            "%-16s  %-14s  %s",
                            report.tool(),
                            word(report.state()),
                            report.program()));
            out.println(" ".repeat(18) + report.evidence());
            if (!report.changed().isEmpty()) {
                out.println(" ".repeat(18) + "set: " + String.join(", ", report.changed()));
            }
            if (!report.remedy().isEmpty()) {
                out.println(" ".repeat(18) + "→ " + report.remedy());
            }
        }
        stale.forEach(
                s -> out.println(s + " is out of date  → chaperone trust --repair makes it anew"));
        out.flush();
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void print(Object object) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(JsonMapper.builder().build().writeValueAsString(object));
        out.flush();
    }
}
