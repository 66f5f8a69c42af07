// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.model.sync.EventBatch.HighWater;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process of its own. */
@Timeout(120)
class ServerProcessTest {
    @TempDir Path folder;

    /** A running process and what it said when it was ready. */
    private record Running(Process process, String ready, List<String> further) {
        static Running start(Path folder, int port, int agentsPort, int lines) throws Exception {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    ServerMain.class.getName(),
                                    "server",
                                    "--data-dir",
                                    folder.toString(),
                                    "--listen",
                                    "127.0.0.1:" + port,
                                    "--agents-listen",
                                    "127.0.0.1:" + agentsPort)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            BufferedReader out = process.inputReader();
            String ready = String.valueOf(out.readLine());
            List<String> further = new ArrayList<>();
            for (int i = 0; i < lines; i++) {
                further.add(String.valueOf(out.readLine()));
            }
            return new Running(process, ready, further);
        }

        int port(String before) {
            String rest = ready.substring(ready.indexOf(before) + before.length());
            return Integer.parseInt(rest.replaceFirst("(?s)[^0-9].*", ""));
        }
    }

    @Test
    void saysWhereItListensAndEndsWithZeroOnSigterm() throws Exception {
        Running server = Running.start(folder, 0, 0, 2);
        assertThat(server.ready())
                .matches(
                        "chaperone-server: ready on https://127\\.0\\.0\\.1:\\d+"
                                + " agents=https://127\\.0\\.0\\.1:\\d+");
        assertThat(server.further().get(0)).startsWith("admin link: https://127.0.0.1:");
        assertThat(server.further().get(1)).startsWith("enrolment token: chp1.");
        server.process().destroy();
        assertThat(server.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(server.process().exitValue()).isZero();
    }

    /** What was answered is there after kill -9, and nothing twice. */
    @Test
    void killedServerHasWhatItAnswered() throws Exception {
        Random random = new Random(20261125);
        Running server = Running.start(folder, 0, 0, 2);
        EnrolmentToken token =
                EnrolmentToken.parse(server.further().get(1).replace("enrolment token: ", ""));
        int port = server.port("ready on https://127.0.0.1:");
        int agents = server.port("agents=https://127.0.0.1:");
        List<Event> all = Events.batch(1, 2000).events();
        try (TestDevice device = TestDevice.enrol(token)) {
            long answered = 0;
            for (int round = 0; round < 4; round++) {
                Process victim = server.process();
                long delay = random.nextLong(30, 430);
                Thread killer =
                        Thread.startVirtualThread(() -> {
                            try {
                                victim.waitFor(delay, TimeUnit.MILLISECONDS);
                                victim.destroyForcibly().waitFor();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
                HighWater mark;
                while ((mark = send(device, all, answered)) != null) {
                    answered = mark.seq();
                    if (answered == all.size()) {
                        break;
                    }
                }
                killer.join();
                assertThat(stored()).as("round %d", round).isGreaterThanOrEqualTo(answered);
                server = Running.start(folder, port, agents, 0);
                assertThat(server.ready()).contains("ready");
            }
            while (answered < all.size()) {
                HighWater mark = send(device, all, answered);
                assertThat(mark).isNotNull();
                answered = mark == null ? all.size() : mark.seq();
            }
        } finally {
            server.process().destroyForcibly().waitFor();
        }
        assertThat(stored()).isEqualTo(all.size());
        assertThat(number("select sum(events) from usage_day where dimension = 'stored'"))
                .isEqualTo(all.size());
    }

    /** The server's answer; null when it died. */
    private static @Nullable HighWater send(TestDevice device, List<Event> all, long from)
            throws Exception {
        int at = Math.toIntExact(from);
        try {
            HttpResponse<String> response =
                    device.send(Events.batch(all.subList(at, Math.min(all.size(), at + 37))));
            return TestServer.JSON.readValue(response.body(), HighWater.class);
        } catch (IOException e) {
            return null;
        }
    }

    private long stored() throws Exception {
        return number("select count(*) from event");
    }

    private long number(String sql) throws Exception {
        try (Connection c =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("server.db"));
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
