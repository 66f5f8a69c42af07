// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code chaperone report usage|leaks}: a client of the server's REST interface. */
@Command(
        name = "report",
        description = "Reports: who uses which AI service for what, and what left.",
        mixinStandardHelpOptions = true)
public final class ReportCommand implements Runnable {
    /** How a report is written. */
    enum Format {
        table,
        csv,
        json
    }

    /** What both reports take. */
    static final class Options {
        @Mixin AdminOptions admin = new AdminOptions();

        @Option(
                names = "--since",
                paramLabel = "T",
                defaultValue = "30d",
                description =
                        "A duration such as 30d, a day such as 2026-11-25, or RFC 3339"
                                + " (${DEFAULT-VALUE}). Reports cover whole days, UTC.")
        String since = "";

        @Option(
                names = "--until",
                paramLabel = "T",
                description = "The last day, written as above; now when left out.")
        @Nullable String until;

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                defaultValue = "table",
                description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
        Format format = Format.table;
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say which: usage or leaks");
    }

    @Command(
            name = "usage",
            description = "Who uses which AI service for what.",
            mixinStandardHelpOptions = true)
    int usage(
            @Mixin Options options,
            @Option(
                            names = "--by",
                            paramLabel = "WHAT",
                            defaultValue = "service",
                            description =
                                    "service, application, group, intent, data-type, action or day"
                                            + " (${DEFAULT-VALUE}).")
                    String by)
            throws InterruptedException {
        return print("/api/v1/reports/usage?by=" + encoded(by) + "&", options);
    }

    @Command(
            name = "leaks",
            description = "What left despite a finding, by outcome and rule.",
            mixinStandardHelpOptions = true)
    int leaks(@Mixin Options options) throws InterruptedException {
        return print("/api/v1/reports/leaks?", options);
    }

    private int print(String path, Options options) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        String asked =
                path
                        + "since="
                        + encoded(options.since)
                        + (options.until == null ? "" : "&until=" + encoded(options.until));
        try (AdminClient client = AdminClient.open(options.admin)) {
            switch (options.format) {
                case csv -> out.print(client.get(asked + "&format=csv"));
                case json -> out.println(client.get(asked));
                case table -> out.print(ReportTable.of(client.getJson(asked)));
            }
            out.flush();
            return ExitStatus.DONE;
        } catch (AdminClient.Failure e) {
            spec.commandLine().getErr().println("chaperone: " + e.getMessage());
            return e.exitStatus();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
