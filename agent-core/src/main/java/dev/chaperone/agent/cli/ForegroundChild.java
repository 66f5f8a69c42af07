// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.os.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A command that this process stands in for: it has the terminal, and what is asked of this process
 * by a signal is asked of it. This process ends after it, with its status (128 and the signal's
 * number when a signal ended it).
 */
final class ForegroundChild {
    /** Ctrl-C: the terminal sends it to the command as well. SIGQUIT the JVM keeps for itself. */
    private static final String KEYBOARD = "INT";

    private static final List<String> OTHERS = List.of("TERM", "HUP", "USR2");

    private final CompletableFuture<Process> process = new CompletableFuture<>();

    private ForegroundChild() {}

    static ForegroundChild start(ProcessBuilder command) throws IOException {
        ForegroundChild child = new ForegroundChild();
        boolean terminal = inForeground();
        var _ =
                Signals.on(
                        KEYBOARD,
                        () -> {
                            if (!terminal) {
                                child.pass(KEYBOARD);
                            }
                        });
        for (String name : OTHERS) {
            var _ = Signals.on(name, () -> child.pass(name));
        }
        // Last: a signal that comes before waits for the command.
        var _ = child.process.complete(command.start());
        return child;
    }

    int waitFor() throws InterruptedException {
        return process.join().waitFor();
    }

    private void pass(String name) {
        var _ = process.thenAccept(command -> send(name, command));
    }

    /** Java itself can send SIGTERM and SIGKILL only; kill is built into every POSIX shell. */
    private static void send(String name, Process to) {
        try {
            var _ = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + to.pid()).start();
        } catch (IOException e) {
            to.destroy();
        }
    }

    /**
     * Whether this process is in the foreground of a terminal: proc(5), fields pgrp and tpgid of
     * {@code /proc/self/stat}.
     */
    private static boolean inForeground() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[2].equals(fields[5]);
        } catch (IOException | RuntimeException e) {
            return true; // no proc(5): a second Ctrl-C would be worse than none
        }
    }
}
