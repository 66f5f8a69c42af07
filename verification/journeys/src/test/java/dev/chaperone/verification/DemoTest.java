// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration holds, and says no when nothing protects. */
class DemoTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void everyExpectationHolds() throws Exception {
        long started = System.nanoTime();
        AgentProcess.Result result = AgentProcess.run(folder, "demo");
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(LIMIT);
        assertThat(result.err()).isEmpty();
        List<String> lines = result.out().lines().toList();
        assertThat(lines.getLast()).startsWith("not inspected: ");
        assertThat(result.out()).contains("0 leaked a sensitive value").doesNotContain("\u001b[");
        assertThat(result.status()).isZero();
    }

    @Test
    void policyThatAllowsEverythingFailsIt() throws Exception {
        AgentProcess.Result result =
                AgentProcess.run(folder, "demo", "--policy", "../../policies/allow-all.yaml");
        assertThat(result.out()).doesNotContain("0 leaked a sensitive value").contains("leaked");
        assertThat(result.status()).isEqualTo(1);
    }
}
