// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The user interface in the demonstration, a process of its own started from its own class path,
 * with a robot in the person's place that presses the real button. Where there is a display its
 * windows are seen; without one they are drawn all the same.
 */
final class DemoUi implements AutoCloseable {
    private static final String MAIN = "dev.chaperone.ui.launcher.UiMain";

    private final DemoProcess process;

    private DemoUi(DemoProcess process) {
        this.process = process;
    }

    /**
     * Starts it; it waits for the agent.
     *
     * @param scratch folder for what it says on standard error
     * @param agentFolder the agent's data folder
     * @return empty where its jars are not at hand (a packaged agent)
     */
    static Optional<DemoUi> start(Path scratch, Path agentFolder) throws IOException {
        String home = System.getenv("CHAPERONE_HOME");
        if (home == null || !Files.isDirectory(Path.of(home, "ui", "target", "lib"))) {
            return Optional.empty();
        }
        List<String> jvm = new ArrayList<>();
        jvm.add("@" + Path.of(home, "ui/src/main/jvm/flags"));
        String display = System.getenv("DISPLAY");
        if (display == null || display.isBlank()) {
            jvm.addAll(
                    List.of(
                            "-Dglass.platform=Headless",
                            "-Dprism.order=sw",
                            "-Djava.awt.headless=true"));
        }
        return Optional.of(
                new DemoUi(
                        DemoProcess.java(
                                scratch.resolve("ui.err"),
                                jvm,
                                Path.of(home, "ui", "target", "lib") + "/*",
                                MAIN,
                                List.of(
                                        "--socket",
                                        agentFolder.resolve("agent.sock").toString(),
                                        "--no-tray",
                                        "--person",
                                        "redact"))));
    }

    /** Waits until it takes questions; what it says of itself. */
    String ready() throws IOException, InterruptedException {
        process.line();
        return "user interface: process " + process.pid();
    }

    /** The card that it showed. */
    String card() throws IOException, InterruptedException {
        return process.line();
    }

    @Override
    public void close() {
        process.close();
    }
}
