// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.sync.LifecycleBatch;
import dev.chaperone.model.sync.LifecycleEntry;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a device says of its agent, against what it said before. */
class LifecycleTest {
    private static final Instant AT = Instant.parse("2026-11-25T10:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private TestServer server;

    @SuppressWarnings("NullAway.Init") // before each
    private TestDevice device;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder, new MovableClock(), 1, 1);
        device = server.enrol();
    }

    @AfterEach
    void stop() {
        device.close();
        server.close();
    }

    private static List<LifecycleEntry> chain(int length, String detail) {
        List<LifecycleEntry> all = new ArrayList<>();
        String previous = LifecycleEntry.GENESIS;
        for (int n = 1; n <= length; n++) {
            LifecycleEntry e =
                    LifecycleEntry.sealed(
                            n,
                            AT.plusSeconds(n),
                            n % 2 == 1 ? "start" : "stop",
                            detail,
                            "uid 1000",
                            previous);
            all.add(e);
            previous = e.hash();
        }
        return all;
    }

    private JsonNode send(List<LifecycleEntry> whole, int from, int to) throws Exception {
        HttpResponse<String> answer =
                device.lifecycle(
                        new LifecycleBatch(
                                whole.getLast().n(),
                                whole.getLast().hash(),
                                whole.subList(from, to)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return TestServer.JSON.readTree(answer.body());
    }

    private JsonNode kept() throws Exception {
        return server.json("/api/v1/devices/" + device.answer.device() + "/lifecycle");
    }

    private List<String> findings() throws Exception {
        List<String> all = new ArrayList<>();
        kept().get("findings")
                .forEach(f -> all.add(f.get("kind").asString() + " " + f.get("n").asLong()));
        return all;
    }

    @Test
    void linesAreKeptOnceHoweverOftenTheyCome() throws Exception {
        List<LifecycleEntry> log = chain(4, "x");
        assertThat(send(log, 0, 0).get("n").asLong()).isZero();
        assertThat(send(log, 0, 2).get("n").asLong()).isEqualTo(2);
        assertThat(send(log, 0, 3).get("n").asLong()).isEqualTo(3);
        JsonNode answer = send(log, 0, 4);
        assertThat(answer.get("n").asLong()).isEqualTo(4);
        assertThat(answer.get("finding").isNull()).isTrue();
        assertThat(kept().get("entries")).hasSize(4);
        assertThat(kept().get("unchanged").asBoolean()).isTrue();
        assertThat(findings()).isEmpty();
    }

    @Test
    void changedLineAndMissingLineAreFoundOnceAndStandInTheAuditLog() throws Exception {
        List<LifecycleEntry> log = new ArrayList<>(chain(6, "x"));
        LifecycleEntry third = log.get(2);
        log.set(
                2,
                new LifecycleEntry(
                        3,
                        third.at(),
                        "stop",
                        third.detail(),
                        third.by(),
                        third.previous(),
                        third.hash()));
        assertThat(log.remove(4).n()).isEqualTo(5);
        JsonNode answer = send(log, 0, 5);
        assertThat(answer.get("finding").asString()).isEqualTo("missing at entry 6");
        assertThat(send(log, 0, 5).get("n").asLong()).isEqualTo(6);
        assertThat(findings()).containsExactly("changed 3", "missing 6");
        assertThat(server.get("/api/v1/audit").body())
                .contains("found lifecycle")
                .contains(device.answer.device() + " changed 3");
    }

    @Test
    void rolledBackFolderAndForkAreFoundAndTheNewChainIsKeptBesideTheOld() throws Exception {
        List<LifecycleEntry> log = chain(5, "x");
        assertThat(send(log, 0, 5).get("n").asLong()).isEqualTo(5);
        List<LifecycleEntry> older = log.subList(0, 3);
        JsonNode answer = send(older, 0, 0);
        assertThat(answer.get("n").asLong()).as("all are wanted").isZero();
        assertThat(answer.get("finding").asString()).isEqualTo("rolled-back at entry 3");
        assertThat(send(older, 0, 3).get("n").asLong()).isEqualTo(3);
        assertThat(send(chain(3, "y"), 0, 0).get("finding").asString())
                .isEqualTo("forked at entry 3");
        assertThat(send(chain(3, "y"), 0, 3).get("n").asLong()).isEqualTo(3);
        assertThat(findings()).containsExactly("rolled-back 3", "forked 3");
        assertThat(kept().get("chain").asLong()).isEqualTo(3);
    }

    @Test
    void acceptedBreakClosesTheFinding() throws Exception {
        List<LifecycleEntry> log = new ArrayList<>(chain(3, "x"));
        assertThat(log.remove(1).n()).isEqualTo(2);
        assertThat(send(log, 0, 2).get("finding").isNull()).isFalse();
        log.add(LifecycleEntry.sealed(4, AT, "break-accepted", "", "uid 0", log.getLast().hash()));
        assertThat(send(log, 2, 3).get("finding").isNull()).isTrue();
        assertThat(kept().get("findings").get(0).get("accepted").isNull()).isFalse();
    }

    @Test
    void nonsenseIsRefused() throws Exception {
        LifecycleEntry bad =
                LifecycleEntry.sealed(1, AT, "start", "a\nb", "root", LifecycleEntry.GENESIS);
        assertThat(device.lifecycle(new LifecycleBatch(1, bad.hash(), List.of(bad))).statusCode())
                .isEqualTo(400);
        assertThat(findings()).isEmpty();
    }
}
