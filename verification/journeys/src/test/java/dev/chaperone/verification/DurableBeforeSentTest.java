// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent under strace: its log is flushed to the disk before a redacted message leaves. */
@Tag("slow")
@Timeout(120)
class DurableBeforeSentTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void eachRedactedMessageIsFlushedFirst() throws Exception {
        Path trace = folder.resolve("trace");
        List<String> strace =
                List.of(
                        "strace",
                        "-f",
                        "-qq",
                        "-y",
                        "-e",
                        "trace=fsync,fdatasync",
                        "-o",
                        trace.toString());
        try (WholeProduct product = new WholeProduct(folder)) {
            product.startAgent(strace);
            Random random = new Random(5);
            try {
                for (int i = 0; i < 5; i++) {
                    long before = flushes(trace);
                    String token =
                            "ghp_"
                                    + SampleSecrets.text(
                                            random, "abcdefghijkABCDEFGHIJK0123456789", 36);
                    assertThat(product.post("number " + i + " uses " + token)).contains(" 200 ");
                    assertThat(flushes(trace)).as("message %d", i).isGreaterThan(before);
                }
                assertThat(product.arrived()).hasSize(5);
            } finally {
                traced(product).ifPresent(ProcessHandle::destroyForcibly); // strace lets it go on
            }
        }
    }

    private static java.util.Optional<ProcessHandle> traced(WholeProduct product) throws Exception {
        Properties status = new Properties();
        try (var in = Files.newBufferedReader(product.data().resolve("status"))) {
            status.load(in);
        }
        return ProcessHandle.of(Long.parseLong(status.getProperty("pid")));
    }

    private static long flushes(Path trace) throws Exception {
        return Files.readString(trace, StandardCharsets.UTF_8)
                .lines()
                .filter(l -> l.matches(".*sync\\(\\d+<.*/events\\.db-wal>.*"))
                .count();
    }
}
