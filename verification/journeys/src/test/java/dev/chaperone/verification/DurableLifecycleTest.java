// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.AgentMain;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.FileKeyVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent under strace: a shorter lifecycle log is on the disk before it takes the name. */
@Tag("slow")
@Timeout(120)
class DurableLifecycleTest {
    private static final String SHORTER = "/lifecycle.jsonl.new";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void logWithoutItsOldLinesIsFlushedBeforeItIsRenamed() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        LifecycleLog old =
                new LifecycleLog(
                        data,
                        new FileKeyVault(data.resolve("keys")),
                        () -> Instant.now().minus(Duration.ofDays(200)));
        assertThat(old.append("start", "long ago", "uid 0").n()).isEqualTo(1);
        Path trace = folder.resolve("trace");
        List<String> strace =
                List.of(
                        "strace",
                        "-f",
                        "-qq",
                        "-y",
                        "-e",
                        "trace=fsync,rename,renameat,renameat2",
                        "-o",
                        trace.toString());
        try (AgentProcess agent =
                AgentProcess.start(
                        folder,
                        AgentMain.class.getName(),
                        strace,
                        List.of(),
                        List.of(),
                        "exec",
                        "--listen=127.0.0.1:0",
                        "--data-dir=" + data,
                        "--",
                        "true")) {
            assertThat(agent.await().status()).isZero();
        }
        assertThat(Files.readString(data.resolve("lifecycle.jsonl"))).doesNotContain("long ago");
        List<String> calls =
                Files.readAllLines(trace).stream().filter(l -> l.contains(SHORTER)).toList();
        assertThat(calls).hasSize(2);
        assertThat(calls.getFirst()).contains("fsync(");
        assertThat(calls.getLast()).contains("rename");
    }
}
