// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.model.ipc.Ipc;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpcClientTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /** As one that was stopped: the system takes the connection, and nobody reads. */
    @Test
    void agentThatNeverAnswersIsNotWaitedForWithoutEnd() throws Exception {
        UnixDomainSocketAddress at = UnixDomainSocketAddress.of(folder.resolve("agent.sock"));
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(silent.bind(at)).isSameAs(silent);
            try (IpcClient client = IpcClient.connect(at.getPath())) {
                client.limit(Duration.ofMillis(50));
                assertThatThrownBy(() -> client.call(Ipc.SUBSCRIBE, Map.of()))
                        .isInstanceOf(IOException.class);
            }
        }
    }
}
