// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The user interface that a foreground agent brings along, a process of its own: where there is a
 * display and its jars are at hand. It ends with the agent.
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
     * @return empty without a display, or where its jars are not at hand
     */
    static Optional<DesktopProcess> start(Path socket, Map<String, String> environment) {
        String home = environment.getOrDefault("CHAPERONE_HOME", "");
        boolean display = !environment.getOrDefault("DISPLAY", "").isBlank();
        Path jars = Path.of(home, "ui", "target", "lib");
        if (home.isEmpty() || !display || !Files.isDirectory(jars)) {
            return Optional.empty();
        }
        try {
            Process process =
                    new ProcessBuilder(
                                    List.of(
                                            Path.of(System.getProperty("java.home"), "bin", "java")
                                                    .toString(),
                                            "@"
                                                    + Path.of(
                                                            home, "ui", "src", "main", "jvm",
                                                            "flags"),
                                            "-cp",
                                            jars + "/*",
                                            "dev.chaperone.ui.launcher.UiMain",
                                            "--socket",
                                            socket.toString()))
                            // Standard output belongs to the agent's ready line.
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            return Optional.of(new DesktopProcess(process));
        } catch (IOException e) {
            return Optional.empty(); // questions are then answered by chaperone answer
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
