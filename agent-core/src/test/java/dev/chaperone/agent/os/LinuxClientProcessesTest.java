// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.prompt.ClientProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxClientProcessesTest {
    private static final int CLIENT_PORT = 0xABCD;
    private static final int PROXY_PORT = 0x1F90;

    @TempDir private Path proc;

    private Path descriptors;

    @BeforeEach
    void oneConnectionOfOneProcess() throws IOException {
        long uid = ((Number) Files.getAttribute(proc, "unix:uid")).longValue();
        Files.createDirectories(proc.resolve("net"));
        Files.writeString(
                proc.resolve("net/tcp"),
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
                        + "   0: 0100007F:ABCD 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  "
                        + uid
                        + "        0 4711 1 0000000000000000 20 4 30 10 -1\n");
        Files.writeString(proc.resolve("net/tcp6"), "");
        descriptors = Files.createDirectories(proc.resolve("77/fd"));
        Files.createSymbolicLink(proc.resolve("77/exe"), Path.of("/opt/client"));
        Files.createSymbolicLink(descriptors.resolve("5"), Path.of("socket:[4711]"));
    }

    @Test
    void findsTheProcessThatHoldsTheSocket() {
        ClientProcess owner = owner();
        assertThat(owner.pid()).isEqualTo(77);
        assertThat(owner.appName()).isEqualTo("client");
    }

    @Test
    void findsItBesideDescriptorsThatVanishMeanwhile() throws IOException {
        for (int i = 6; i < 60; i++) {
            Files.createFile(
                    descriptors.resolve(
                            Integer.toString(
                                    i))); // no link: reading it fails like one that is gone
        }
        assertThat(owner().pid()).isEqualTo(77);
    }

    @Test
    void aSocketThatNobodyHoldsHasNoProcess() throws IOException {
        Files.delete(descriptors.resolve("5"));
        assertThat(owner().executable()).isNull();
    }

    @Test
    void findsTheSenderOfDatagrams() throws IOException {
        Files.move(proc.resolve("net/tcp"), proc.resolve("net/udp"));
        Files.writeString(proc.resolve("net/udp6"), "");
        LinuxClientProcesses processes = new LinuxClientProcesses(proc, Optional.empty());
        assertThat(processes.sender(at(CLIENT_PORT)).appName()).isEqualTo("client");
        assertThat(processes.sender(at(CLIENT_PORT + 1))).isEqualTo(ClientProcess.UNKNOWN);
    }

    private ClientProcess owner() {
        return new LinuxClientProcesses(proc, Optional.empty())
                .owner(at(CLIENT_PORT), at(PROXY_PORT));
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Test
    void kernelNamesTheOwnerOfARealConnection() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            ClientProcess owner =
                    new LinuxClientProcesses()
                            .owner(
                                    (InetSocketAddress) accepted.getRemoteSocketAddress(),
                                    (InetSocketAddress) accepted.getLocalSocketAddress());
            assertThat(owner.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(owner.appName()).isEqualTo("java");
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void connectionThatIsNotThereHasNoOwner() {
        assertThat(
                        new LinuxClientProcesses()
                                .owner(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 2)))
                .isEqualTo(ClientProcess.UNKNOWN);
    }

    @Test
    void systemWithoutProcKnowsNoOwner(@org.junit.jupiter.api.io.TempDir Path empty) {
        assertThat(
                        new LinuxClientProcesses(empty, Optional.empty())
                                .owner(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 2)))
                .isEqualTo(ClientProcess.UNKNOWN);
    }

    @Test
    void programThatShowsNothingToItsOwnUserIsFoundLast() throws IOException {
        // As a program that is not dumpable: its folder belongs to somebody else.
        Files.writeString(
                proc.resolve("net/tcp"),
                Files.readString(proc.resolve("net/tcp"))
                        .replaceAll(" [0-9]+( +0 4711)", " 4242$1"));
        ClientProcess owner = owner();
        assertThat(owner.uid()).isEqualTo(4242);
        assertThat(owner.pid()).isEqualTo(77);
    }

    /** Linux says uid 0 of a socket that waits for its end: nobody is better than root. */
    @Test
    void clientThatClosedAlreadyIsUnknownAndNotRoot() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            new Socket(listener.getInetAddress(), listener.getLocalPort()).close();
            try (Socket accepted = listener.accept()) {
                assertThat(accepted.getInputStream().read()).isEqualTo(-1);
                assertThat(
                                new LinuxClientProcesses()
                                        .owner(
                                                (InetSocketAddress)
                                                        accepted.getRemoteSocketAddress(),
                                                (InetSocketAddress)
                                                        accepted.getLocalSocketAddress()))
                        .isEqualTo(ClientProcess.UNKNOWN);
            }
        }
    }

    @Test
    void clientThatClosedAlreadyIsUnknownInTheTablesToo() throws IOException {
        Files.writeString(
                proc.resolve("net/tcp"),
                Files.readString(proc.resolve("net/tcp")).replace(" 4711 ", " 0 "));
        assertThat(owner()).isEqualTo(ClientProcess.UNKNOWN);
    }
}
