// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapabilitiesTest {
    @TempDir private Path folder;

    private boolean rawIn(String set) throws IOException {
        Path status = folder.resolve("status");
        Files.writeString(status, "Name:\tjava\nCapPrm:\t0000000000000000\nCapEff:\t" + set + "\n");
        return Capabilities.NET_RAW.isIn(status);
    }

    @Test
    void readsTheEffectiveSet() throws IOException {
        assertThat(rawIn("0000000000002000")).isTrue();
        assertThat(rawIn("ffffffffffffffff")).isTrue();
        assertThat(rawIn("0000000000080004")).isFalse();
        assertThat(rawIn("x")).isFalse();
        assertThat(Capabilities.NET_RAW.isIn(folder.resolve("none"))).isFalse();
    }
}
