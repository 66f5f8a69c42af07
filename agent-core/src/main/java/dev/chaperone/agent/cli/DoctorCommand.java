// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.doctor.Doctor;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.io.PrintWriter;
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
        List<Check> checks = Doctor.examine(dataDir.resolve(), "en", null);
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
