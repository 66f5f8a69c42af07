// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.EventBatch.HighWater;
import dev.chaperone.model.sync.EventBatch.Loss;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IngestTest {
    @TempDir Path folder;
    private TestServer server;
    private TestDevice device;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder, new MovableClock(), 20, 1);
        device = server.enrol();
    }

    @AfterEach
    void stop() {
        device.close();
        server.close();
    }

    private static HighWater mark(HttpResponse<String> response) {
        return TestServer.JSON.readValue(response.body(), HighWater.class);
    }

    private long count(String sql) throws Exception {
        try (Connection c =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("server.db"));
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private long reported() throws Exception {
        return server.json("/api/v1/reports/usage?by=service").at("/total/events").asLong();
    }

    @Test
    void batchIsStoredOnceHoweverOftenItComes() throws Exception {
        EventBatch batch = Events.batch(1, 10);
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> response = device.send(batch);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(mark(response)).isEqualTo(new HighWater(1, 10));
        }
        assertThat(count("select count(*) from event")).isEqualTo(10);
        assertThat(reported()).isEqualTo(10);
    }

    @Test
    void overlappingBatchAddsWhatIsNew() throws Exception {
        List<Event> events = new ArrayList<>(Events.batch(1, 10).events());
        device.send(Events.batch(events.subList(0, 6)));
        assertThat(mark(device.send(Events.batch(events.subList(3, 10)))))
                .isEqualTo(new HighWater(1, 10));
        assertThat(count("select count(*) from event")).isEqualTo(10);
        assertThat(reported()).isEqualTo(10);
    }

    @Test
    void gapIsAnsweredWithTheMarkAndStoresNothing() throws Exception {
        device.send(Events.batch(1, 3));
        HttpResponse<String> response = device.send(Events.batch(5, 6));
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(mark(response)).isEqualTo(new HighWater(1, 3));
        assertThat(count("select count(*) from event")).isEqualTo(3);
    }

    @Test
    void newEpochStartsAtOneAndAnOldOneIsSentBack() throws Exception {
        device.send(Events.batch(1, 3));
        List<Event> second =
                Events.batch(1, 2).events().stream().map(e -> e.numbered(2, e.seq())).toList();
        EventBatch next = new EventBatch(2, 1, 2, second, List.of(), Map.of());
        assertThat(mark(device.send(next))).isEqualTo(new HighWater(2, 2));
        HttpResponse<String> old = device.send(Events.batch(4, 5));
        assertThat(old.statusCode()).isEqualTo(409);
        assertThat(mark(old)).isEqualTo(new HighWater(2, 2));
        assertThat(count("select count(*) from event")).isEqualTo(5);
    }

    @Test
    void cloneIsRefusedCountedAndOverwritesNothing() throws Exception {
        device.send(Events.batch(1, 5));
        HttpResponse<String> response = device.send(Events.batch(3, 8));
        assertThat(TestServer.code(response)).isEqualTo("409 CHP-SRV-006");
        assertThat(count("select count(*) from event")).isEqualTo(5);
        assertThat(count("select clones from device")).isEqualTo(1);
        assertThat(reported()).isEqualTo(5);
    }

    @Test
    void fiveHundredEventsSentByManyAtOnceAreStoredOnce() throws Exception {
        List<Event> all = Events.batch(1, 500).events();
        try (var threads = Executors.newFixedThreadPool(6)) {
            List<Callable<Boolean>> senders = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int size = 20 + 13 * i;
                senders.add(() -> {
                    long at = 0;
                    while (at < 500) {
                        List<Event> part = all.subList((int) at, (int) Math.min(500, at + size));
                        HttpResponse<String> response = device.send(Events.batch(part));
                        if (response.statusCode() == 200 || response.statusCode() == 409) {
                            at = mark(response).seq();
                        }
                    }
                    return true;
                });
            }
            for (Future<Boolean> done : threads.invokeAll(senders)) {
                assertThat(done.get()).isTrue();
            }
        }
        assertThat(count("select count(*) from event")).isEqualTo(500);
        assertThat(count("select count(distinct id) from event")).isEqualTo(500);
        assertThat(reported()).isEqualTo(500);
    }

    @Test
    void lossesAreStoredAndShownInTheCompleteness() throws Exception {
        List<Event> events = Events.batch(1, 5).events();
        EventBatch batch =
                new EventBatch(1, 1, 10, events, List.of(new Loss(6, 10, "crash")), Map.of());
        device.send(batch);
        device.send(batch);
        assertThat(count("select sum(last - first + 1) from loss")).isEqualTo(5);
        var completeness = server.json("/api/v1/reports/usage").get("completeness");
        assertThat(completeness.get("lost").asLong()).isEqualTo(5);
        assertThat(completeness.get("percent").asDouble()).isEqualTo(50.0);
    }

    @Test
    void highestRepeatCountsHoweverOftenItIsSent() throws Exception {
        List<Event> events = Events.batch(1, 2).events();
        device.send(Events.batch(events));
        String id = events.getFirst().id().toString();
        for (int times : new int[] {3, 3, 2, 7}) {
            EventBatch only = new EventBatch(1, 3, 2, List.of(), List.of(), Map.of(id, times));
            assertThat(device.send(only).statusCode()).isEqualTo(200);
        }
        assertThat(count("select sum(repeats) from event")).isEqualTo(7);
        assertThat(server.json("/api/v1/reports/usage?by=service").at("/total/repeats").asLong())
                .isEqualTo(7);
    }

    @Test
    void bombIsNotBlownUp() throws Exception {
        byte[] bomb = TestDevice.gzip(new byte[300 << 20]);
        assertThat(bomb.length).isLessThan(EventBatch.MAX_BYTES);
        assertThat(TestServer.code(device.post("/v1/events", bomb, "gzip")))
                .isEqualTo("413 CHP-SRV-002");
        assertThat(TestServer.code(device.post("/v1/events", new byte[2 << 20], null)))
                .isEqualTo("413 CHP-SRV-002");
        assertThat(device.send(Events.batch(1, 1)).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[1]",
                "{\"epoch\":1,\"from\":1,\"to\":2,\"events\":[],\"losses\":[],\"repeats\":{}}",
                "{\"epoch\":0,\"from\":1,\"to\":0,\"events\":[],\"losses\":[],\"repeats\":{}}",
                "{\"epoch\":1,\"from\":0,\"to\":0,\"events\":[],\"losses\":[],\"repeats\":{}}",
                "{\"epoch\":1,\"from\":1,\"to\":1,\"events\":[null],\"losses\":[],\"repeats\":{}}",
                "{\"epoch\":1,\"from\":1,\"to\":1,\"events\":[{\"seq\":1}],\"losses\":[],\"repeats\":{}}",
                "{\"epoch\":1,\"from\":1,\"to\":0,\"events\":[],\"losses\":[],\"repeats\":{\"x\":1}}",
                "{\"epoch\":1,\"from\":1,\"to\":1,\"events\":[],\"losses\":[{\"from\":1,\"to\":1}],\"repeats\":{}}",
            })
    void malformedBatchIsRefusedWhole(String body) throws Exception {
        byte[] gzip = TestDevice.gzip(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(TestServer.code(device.post("/v1/events", gzip, "gzip")))
                .isEqualTo("400 CHP-SRV-001");
        assertThat(count("select count(*) from event")).isZero();
    }

    @Test
    void whenTooManyWaitTheNextComesBackLater() throws Exception {
        try (Connection lock =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("server.db"));
                Statement s = lock.createStatement();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            s.execute("begin immediate"); // the server's writer waits
            EventBatch batch = Events.batch(1, 2);
            List<Future<HttpResponse<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                sent.add(threads.submit(() -> device.send(batch)));
            }
            while (sent.stream().filter(Future::isDone).count() < 24) {
                Thread.onSpinWait();
            }
            s.execute("rollback");
            int later = 0;
            for (Future<HttpResponse<String>> one : sent) {
                HttpResponse<String> response = one.get();
                if (response.statusCode() == 429) {
                    assertThat(TestServer.code(response)).isEqualTo("429 CHP-SRV-003");
                    assertThat(response.headers().firstValueAsLong("retry-after").orElse(0))
                            .isBetween(2L, 15L);
                    later++;
                } else {
                    assertThat(response.statusCode()).isEqualTo(200);
                }
            }
            assertThat(later).isGreaterThanOrEqualTo(24);
        }
        assertThat(count("select count(*) from event")).isEqualTo(2);
    }

    @Test
    void bodyThatIsNotWhatItsCodingSaysIsRefused() throws Exception {
        byte[] whole = TestDevice.gzip(new byte[5000]);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 9);
        assertThat(TestServer.code(device.post("/v1/events", cut, "gzip")))
                .isEqualTo("400 CHP-SRV-001");
        assertThat(TestServer.code(device.post("/v1/events", new byte[10], "gzip")))
                .isEqualTo("400 CHP-SRV-001");
        assertThat(TestServer.code(device.post("/v1/events", new byte[10], "br")))
                .isEqualTo("415 CHP-SRV-005");
    }

    @Test
    void clockThatIsWrongMovesNoEventOutOfTheReports() throws Exception {
        var far = Events.by("u");
        List<Event> events =
                List.of(
                        Events.event(1, at(far, Duration.ofDays(4000))),
                        Events.event(2, at(far, Duration.ofDays(-4000))),
                        Events.event(3, far));
        device.send(Events.batch(events));
        assertThat(server.json("/api/v1/reports/usage?since=91d").at("/total/events").asLong())
                .isEqualTo(3);
    }

    private static Events.Kind at(Events.Kind kind, Duration off) {
        return new Events.Kind(
                kind.user(),
                kind.service(),
                kind.app(),
                kind.findings(),
                kind.action(),
                kind.outcome(),
                kind.at().plus(off));
    }

    @Test
    void databaseHoldsTheServersPseudonymOnly() throws Exception {
        device.send(Events.batch(List.of(Events.event(1, Events.by("pseudonym-of-the-device")))));
        try (Connection c =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("server.db"));
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery("select body from event")) {
            assertThat(row.getString(1))
                    .doesNotContain("pseudonym-of-the-device")
                    .containsPattern("\"user\":\"[0-9a-f]{16}\"");
        }
    }
}
