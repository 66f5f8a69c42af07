// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.Rules;
import dev.chaperone.inspector.monitor.CaptureException;
import dev.chaperone.inspector.monitor.MonitorProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chaperone capture}: the passive monitor's own process; the agent starts it. */
@Command(
        name = "capture",
        description = {
            "Watches which AI hosts are asked for on the wire; the agent starts it when policy says so.",
            "Reads 'hosts HOST…' from standard input, writes a line for each connection to one of them.",
            "With --read: looks through a capture file for the hosts that the shipped policy opens."
        },
        mixinStandardHelpOptions = true)
public final class CaptureCommand implements Callable<Integer> {
    @Option(
            names = "--read",
            paramLabel = "FILE",
            description = "A file that tcpdump or Wireshark wrote, instead of the network.")
    private @Nullable Path file;

    @Option(
            names = "--interface",
            paramLabel = "NAME",
            description = "One interface; all of them by default.")
    private @Nullable String device;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        // JNA unpacks its library; a service has no home to do that in.
        System.setProperty("jna.tmpdir", System.getProperty("java.io.tmpdir"));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try {
            if (file != null) {
                MonitorProcess.file(file, Rules.shippedHosts().openPatterns(), out);
            } else {
                MonitorProcess.live(
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                        out,
                        device);
            }
            return ExitStatus.DONE;
        } catch (CaptureException e) {
            spec.commandLine().getErr().println("chaperone: " + e.getMessage());
            return e.isBadFile() ? ExitStatus.USAGE : ExitStatus.ENVIRONMENT;
        }
    }
}
