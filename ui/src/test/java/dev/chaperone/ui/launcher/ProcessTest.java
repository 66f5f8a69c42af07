// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.ui.testing.TestAgent;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real process: its lines, its exit status, the second of its kind. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessTest {
    private @TempDir Path folder;
    private final List<Process> started = new ArrayList<>();

    private Process start(boolean headless, String... arguments) throws IOException {
        return start(Map.of(), headless, arguments);
    }

    private Process start(Map<String, String> environment, boolean headless, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("@src/main/jvm/flags");
        if (headless) {
            command.addAll(List.of("-Dglass.platform=Headless", "-Dprism.order=sw"));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("dev.chaperone.ui.launcher.UiMain");
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeAll(
                        List.of(
                                "DISPLAY",
                                "WAYLAND_DISPLAY",
                                "DBUS_SESSION_BUS_ADDRESS",
                                "XDG_RUNTIME_DIR"));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        started.add(process);
        return process;
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private static String all(Process process) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    /** Reads until each of the parts has been said, in any order. */
    private static void until(BufferedReader out, String... parts) throws IOException {
        List<String> missing = new ArrayList<>(List.of(parts));
        while (!missing.isEmpty()) {
            String line = out.readLine();
            assertThat(line).as("missing: " + missing).isNotNull();
            missing.removeIf(line::contains);
        }
    }

    @Test
    void withoutADisplayItSaysSoAndEnds() throws Exception {
        Process process = start(false, "--socket", folder.resolve("s").toString());
        assertThat(all(process)).startsWith("chaperone-ui: no display").hasLineCount(1);
        assertThat(process.exitValue()).isEqualTo(3);
    }

    @Test
    void displayThatDoesNotAnswerIsSaidAndEndsIt() throws Exception {
        Process process = start(Map.of("DISPLAY", ":4711"), false, "--demo");
        assertThat(all(process)).contains("chaperone-ui: no display: it does not answer");
        assertThat(process.exitValue()).isEqualTo(3);
    }

    @Test
    void wrongUseEndsWithTwo() throws Exception {
        Process process = start(true, "--frobnicate");
        assertThat(all(process))
                .startsWith("chaperone-ui: unknown argument --frobnicate")
                .hasLineCount(1);
        assertThat(process.exitValue()).isEqualTo(2);
    }

    @Test
    void startsNoJavaFxUntilAQuestionComesAndSaysWhenItIsShown() throws Exception {
        Path socket = folder.resolve("s");
        try (TestAgent agent = new TestAgent(socket)) {
            Process process = start(true, "--socket", socket.toString());
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            until(
                    out,
                    "chaperone-ui: ready",
                    "no tray here; use: chaperone ui --show status, chaperone pending");
            assertThat(java.nio.file.Files.readString(Path.of("/proc/" + process.pid() + "/maps")))
                    .doesNotContain("libglass", "javafx_font");
            agent.tell(Ipc.COACH, Stand.question(Stand.FIRST));
            until(out, "chaperone-ui: card " + Stand.FIRST + " shown after");

            Process second = start(true, "--socket", socket.toString());
            assertThat(all(second)).contains("already running; it comes forward");
            assertThat(second.exitValue()).isZero();
            assertThat(process.isAlive()).isTrue();
        }
    }
}
