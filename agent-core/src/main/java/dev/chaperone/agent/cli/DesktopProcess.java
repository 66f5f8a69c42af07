// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The user interface that a foreground agent brings along, a process of its own: where there is a
 * display and its launcher or its jars are at hand. It ends with the agent.
 */
final class DesktopProcess implements AutoCloseable {
    private final Process process;

    private DesktopProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param socket the agent's
     * @param environment of this process
     * @return empty without a display, or where neither its launcher nor its jars are at hand
     */
    static Optional<DesktopProcess> start(Path socket, Map<String, String> environment) {
        String home = environment.getOrDefault("CHAPERONE_HOME", "");
        boolean display = !environment.getOrDefault("DISPLAY", "").isBlank();
        List<String> program = new ArrayList<>(packaged().orElseGet(() -> ofTheCheckout(home)));
        if (!display || program.isEmpty()) {
            return Optional.empty();
        }
        program.addAll(List.of("--socket", socket.toString()));
        try {
            Process process =
                    new ProcessBuilder(program)
                            // Standard output belongs to the agent's ready line.
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            return Optional.of(new DesktopProcess(process));
        } catch (IOException e) {
            return Optional.empty(); // questions are then answered by chaperone answer
        }
    }

    /** The launcher beside this one's. */
    private static Optional<List<String>> packaged() {
        return Optional.ofNullable(System.getProperty("jpackage.app-path"))
                .map(launcher -> Path.of(launcher).resolveSibling("chaperone-ui"))
                .filter(Files::isExecutable)
                .map(launcher -> List.of(launcher.toString()));
    }

    private static List<String> ofTheCheckout(String home) {
        Path jars = Path.of(home, "ui", "target", "lib");
        return home.isEmpty() || !Files.isDirectory(jars)
                ? List.of()
                : List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + Path.of(home, "ui", "src", "main", "jvm", "flags"),
                        "-cp",
                        jars + "/*",
                        "dev.chaperone.ui.launcher.UiMain");
    }

    @Override
    public void close() {
        process.destroy();
    }
}
