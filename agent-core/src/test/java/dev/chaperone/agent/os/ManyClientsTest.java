// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.conn.ClientProcesses;
import dev.chaperone.model.prompt.ClientProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hundreds of programs that live for one short connection, many at once: each is found, by its own
 * process id.
 */
class ManyClientsTest {
    private static final int ROUNDS = 10;
    private static final int AT_ONCE = 30;

    /** Each subshell connects, tells its process id, waits for a line and ends. */
    private static final String CLIENTS =
            """
            for round in $(seq %d); do
              for n in $(seq %d); do
                ( exec 3<>"/dev/tcp/127.0.0.1/$1"; echo "$BASHPID" >&3; read -r -u 3 _ ) &
              done
              wait
            done
            """
                    .formatted(ROUNDS, AT_ONCE);

    @ParameterizedTest(name = "kernel: {0}")
    @ValueSource(booleans = {true, false})
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void everyShortLivedProgramIsFound(boolean byKernel) throws Exception {
        ClientProcesses processes =
                byKernel
                        ? new LinuxClientProcesses()
                        : new LinuxClientProcesses(
                                java.nio.file.Path.of("/proc"), Optional.empty());
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        try (ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
                ExecutorService lookUps = Executors.newVirtualThreadPerTaskExecutor()) {
            Process clients =
                    new ProcessBuilder("bash", "-c", CLIENTS, "-", "" + listener.getLocalPort())
                            .redirectErrorStream(true)
                            .start();
            for (int i = 0; i < ROUNDS * AT_ONCE; i++) {
                Socket accepted = listener.accept();
                lookUps.execute(() -> judge(processes, accepted, wrong));
            }
            assertThat(clients.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(wrong).isEmpty();
    }

    /** The program waits for its line: it is there while it is looked for. */
    private static void judge(ClientProcesses processes, Socket accepted, Queue<String> wrong) {
        try (accepted) {
            ClientProcess owner =
                    processes.owner(
                            (InetSocketAddress) accepted.getRemoteSocketAddress(),
                            (InetSocketAddress) accepted.getLocalSocketAddress());
            String pid =
                    new BufferedReader(
                                    new InputStreamReader(
                                            accepted.getInputStream(), StandardCharsets.US_ASCII))
                            .readLine();
            if (!String.valueOf(owner.pid()).equals(pid) || !owner.appName().equals("bash")) {
                wrong.add(pid + " was found as " + owner.pid() + " " + owner.appName());
            }
            accepted.getOutputStream().write('\n');
        } catch (IOException e) {
            wrong.add("connection broke");
        }
    }
}
