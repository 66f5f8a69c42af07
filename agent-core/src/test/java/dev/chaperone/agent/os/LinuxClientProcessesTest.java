// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.prompt.ClientProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class LinuxClientProcessesTest {
    @Test
    void ownerOfAConnectionIsThisProcess() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            LinuxClientProcesses processes = new LinuxClientProcesses();
            InetSocketAddress peer = (InetSocketAddress) accepted.getRemoteSocketAddress();
            assertThat(client.getLocalPort()).isEqualTo(peer.getPort());
            for (int i = 0; i < 2; i++) { // found by the walk, then among the recent ones
                ClientProcess owner = processes.owner(peer, listener.getLocalPort());
                assertThat(owner.pid()).isEqualTo(ProcessHandle.current().pid());
                assertThat(owner.uid())
                        .isEqualTo(
                                ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                                        .longValue());
                assertThat(owner.appName()).startsWith("java");
            }
        }
    }

    @Test
    void connectionThatIsNotThereHasNoOwner() {
        assertThat(
                        new LinuxClientProcesses()
                                .owner(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                                        2))
                .isEqualTo(ClientProcess.UNKNOWN);
    }

    @Test
    void systemWithoutProcKnowsNoOwner(@org.junit.jupiter.api.io.TempDir Path empty) {
        assertThat(
                        new LinuxClientProcesses(empty)
                                .owner(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                                        2))
                .isEqualTo(ClientProcess.UNKNOWN);
    }
}
