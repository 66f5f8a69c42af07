// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpcPathTest {
    private static final Path STANDARD = Path.of("/home/ann/.local/share/chaperone");

    @Test
    void standardAgentIsInTheRuntimeFolder(@TempDir Path runtime) {
        assertThat(IpcPath.of(STANDARD, STANDARD, runtime.toString()))
                .contains(runtime.resolve("chaperone.sock"));
    }

    @Test
    void otherAgentsAreInTheirDataFolder(@TempDir Path runtime) {
        assertThat(IpcPath.of(Path.of("/data"), STANDARD, runtime.toString()))
                .contains(Path.of("/data/agent.sock"));
        assertThat(IpcPath.of(STANDARD, STANDARD, null)).contains(STANDARD.resolve("agent.sock"));
        assertThat(IpcPath.of(STANDARD, STANDARD, "/not/there"))
                .contains(STANDARD.resolve("agent.sock"));
    }

    @Test
    void pathThatNoSocketAddressHoldsIsNone() {
        Path longest = Path.of("/" + "x".repeat(107 - 1 - "/agent.sock".length()));
        assertThat(IpcPath.of(longest, STANDARD, null)).isPresent();
        assertThat(IpcPath.of(Path.of(longest + "y"), STANDARD, null)).isEmpty();
    }
}
