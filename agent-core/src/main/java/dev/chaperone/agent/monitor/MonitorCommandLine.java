// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.monitor;

import dev.chaperone.agent.os.Capabilities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the monitor's process is started: the same program again, with {@code capture}, and of the
 * agent's privileges only the one to capture.
 */
final class MonitorCommandLine {
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final String ONLY_CAPTURE = "-all,+net_raw";

    /** A small heap, no code compiled twice: it sleeps most of the time. */
    private static final List<String> JVM =
            List.of(
                    "-XX:+UseSerialGC",
                    "-Xms4m",
                    "-Xmx24m",
                    "-Xss256k",
                    "-XX:+UseCompactObjectHeaders",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:ReservedCodeCacheSize=8m",
                    "-XX:-UsePerfData",
                    "-XX:+DisableAttachMechanism",
                    "-XX:-HeapDumpOnOutOfMemoryError",
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dstdout.encoding=UTF-8",
                    "-Dstderr.encoding=UTF-8");

    private MonitorCommandLine() {}

    static List<String> words() {
        List<String> words = new ArrayList<>();
        if (Files.isExecutable(SETPRIV)) {
            words.add(SETPRIV.toString());
            words.add("--no-new-privs");
            words.addAll(List.of("--inh-caps", ONLY_CAPTURE, "--ambient-caps", ONLY_CAPTURE));
            if (Capabilities.SETPCAP.isHeld()) {
                words.addAll(List.of("--bounding-set", ONLY_CAPTURE)); // root gets it all otherwise
            }
            words.add("--");
        }
        words.addAll(program());
        words.add("capture");
        return words;
    }

    /** The image's launcher brings its own options; a plain JVM is told. */
    private static List<String> program() {
        Path self = Path.of(ProcessHandle.current().info().command().orElse("java"));
        if (!self.endsWith("java") && !self.endsWith("java.exe")) {
            return List.of(self.toString());
        }
        List<String> words = new ArrayList<>(List.of(self.toString()));
        words.addAll(JVM);
        words.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.chaperone.agent.AgentMain"));
        return words;
    }
}
