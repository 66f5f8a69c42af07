// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real datagram socket, as systemd has one; Python opens it, as the JDK cannot. */
final class ServiceManagerTest {
    private static final String RECEIVER =
            """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            name = sys.argv[1]
            s.bind('\\0' + name[1:] if name.startswith('@') else name)
            s.settimeout(20)
            print('bound', flush=True)
            for _ in range(int(sys.argv[2])):
                print(repr(s.recv(4096).decode()), flush=True)
            """;

    @TempDir Path folder;

    private static ServiceManager manager(String path, String micros) {
        return ServiceManager.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", micros))
                .orElseThrow();
    }

    private void tellsAt(String path) throws IOException, InterruptedException {
        Process receiver =
                new ProcessBuilder("python3", "-c", RECEIVER, path, "3")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = receiver.inputReader()) {
            assertThat(out.readLine()).isEqualTo("bound");
            ServiceManager manager = manager(path, "30000000");
            assertThat(manager.ready("ready on\n127.0.0.1:1")).isTrue();
            assertThat(manager.alive()).isTrue();
            assertThat(manager.stopping()).isTrue();
            assertThat(out.lines().toList())
                    .isEqualTo(
                            List.of(
                                    "'READY=1\\nSTATUS=ready on 127.0.0.1:1'",
                                    "'WATCHDOG=1'",
                                    "'STOPPING=1'"));
        } finally {
            receiver.destroyForcibly();
        }
        assertThat(receiver.waitFor()).isZero();
    }

    @Test
    void tellsASocketInTheFileSystem() throws IOException, InterruptedException {
        tellsAt(folder.resolve("notify").toString());
    }

    @Test
    void tellsAnAbstractSocket() throws IOException, InterruptedException {
        tellsAt("@chaperone-test-" + ProcessHandle.current().pid());
    }

    @Test
    void managerThatIsGoneHoldsNothingUp() {
        assertThat(manager(folder.resolve("nobody").toString(), "0").alive()).isFalse();
    }

    @Test
    void withoutAManagerThereIsNone() {
        assertThat(ServiceManager.of(Map.of())).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "relative"))).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)))).isEmpty();
        assertThat(manager("/x", "none").watchdog()).isEmpty();
        assertThat(manager("/x", "30000000").watchdog()).contains(Duration.ofSeconds(30));
    }

    /** A proxy that accepts and never answers is what a watchdog is for. */
    @Test
    void proxyThatHangsDoesNotAnswer() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertThat(
                            Watchdog.answers(
                                    new InetSocketAddress(
                                            silent.getInetAddress(), silent.getLocalPort())))
                    .isFalse();
        }
        assertThat(Optional.of(Watchdog.answers(new InetSocketAddress("localhost", 1))))
                .contains(false);
    }
}
