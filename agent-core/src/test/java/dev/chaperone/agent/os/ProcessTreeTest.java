// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessTreeTest {
    private static final int TTY = 34816;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path proc;

    @BeforeEach
    void init() throws Exception {
        process(1, 0, 0, "systemd", "/usr/lib/systemd/systemd", "/sbin/init", "");
    }

    /** A process as proc(5) shows it. */
    private void process(
            long pid, long parent, int tty, String name, String exe, String line, String variables)
            throws Exception {
        Path folder = Files.createDirectories(proc.resolve(Long.toString(pid)));
        Files.writeString(
                folder.resolve("stat"),
                pid + " (" + name + ") S " + parent + " 7 7 " + tty + " -1 4194304");
        Files.writeString(folder.resolve("comm"), name + "\n");
        Files.writeString(folder.resolve("cmdline"), line.replace(' ', '\0'));
        Files.writeString(folder.resolve("environ"), variables.replace(' ', '\0'));
        Files.createSymbolicLink(folder.resolve("exe"), Path.of(exe));
    }

    private ProcessTree.Ancestry above(long pid) {
        return new ProcessTree(proc).above(pid);
    }

    @Test
    void personAtATerminalHasNoHarnessAbove() throws Exception {
        process(20, 1, TTY, "bash", "/bin/bash", "-bash", "HOME=/h");
        process(30, 20, TTY, "java) R 1 (x", "/usr/bin/java", "java -cp lib Main", "HOME=/h");
        assertThat(above(30)).isEqualTo(new ProcessTree.Ancestry(Optional.empty(), true, true));
    }

    @ParameterizedTest
    @CsvSource({
        "claude, /usr/bin/node, claude, claude",
        "node, /usr/bin/node, node /opt/node_modules/@anthropic-ai/claude-code/cli.js, claude-code",
        "node-MainThread, /usr/bin/node, /usr/bin/node --max-old-space-size=99 /usr/bin/gemini, gemini",
        "codex, /opt/codex, codex exec, codex",
        "python3, /usr/bin/python3.12, python3 -m aider, aider",
        "claude, /bin/dash, /bin/sh ./claude, claude",
    })
    void harnessAnywhereAboveIsFound(String name, String exe, String line, String harness)
            throws Exception {
        process(10, 1, 0, name, exe, line, "");
        process(20, 10, TTY, "bash", "/bin/bash", "bash -c x", "");
        process(30, 20, TTY, "java", "/usr/bin/java", "java -cp lib Main", "");
        assertThat(above(30).harness()).contains(harness);
    }

    @Test
    void processThatLeftItsTreeIsKnownByItsEnvironment() throws Exception {
        process(30, 1, TTY, "java", "/usr/bin/java", "java Main", "HOME=/h CLAUDECODE=1");
        assertThat(above(30).harness()).contains("CLAUDECODE");
    }

    @Test
    void treeThatCannotBeReadIsNotComplete() throws Exception {
        process(30, 29, 0, "java", "/usr/bin/java", "java Main", "");
        assertThat(above(30)).isEqualTo(new ProcessTree.Ancestry(Optional.empty(), false, false));
        assertThat(above(77).complete()).isFalse();
    }

    @Test
    void ownTreeCanBeRead() {
        assertThat(
                        new ProcessTree().above(ProcessHandle.current().pid()).complete()
                                || new ProcessTree()
                                        .above(ProcessHandle.current().pid())
                                        .harness()
                                        .isPresent())
                .isTrue();
    }
}
