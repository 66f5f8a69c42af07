// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.event.Event;
import dev.chaperone.server.ingest.Retention;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.SqliteStorage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class RetentionTest {
    @TempDir Path folder;

    @Test
    void eventsAndPeopleGoAndTheReportStays() throws Exception {
        MovableClock clock = new MovableClock();
        try (TestServer server = TestServer.start(folder, clock, 20, 5);
                TestDevice device = server.enrol()) {
            List<Event> events = new ArrayList<>();
            for (int i = 1; i <= 12; i++) {
                events.add(Events.event(i, Events.by("person-" + i % 6)));
            }
            device.send(Events.batch(events));
            JsonNode before = server.json("/api/v1/reports/usage?since=100d");
            clock.move(Duration.ofDays(95));
            try (SqliteStorage storage = SqliteStorage.open(folder.resolve("server.db"))) {
                Retention retention = new Retention(storage, clock, Duration.ofDays(90));
                assertThat(retention.run()).isEqualTo(12);
                assertThat(retention.run()).isZero();
                long kept = storage.read(c -> Sql.number(c, "select count(*) from event"));
                long people = storage.read(c -> Sql.number(c, "select count(*) from usage_person"));
                assertThat(kept + people).isZero();
            }
            JsonNode after = server.json("/api/v1/reports/usage?since=100d");
            assertThat(after.get("rows")).isEqualTo(before.get("rows"));
            assertThat(after.get("rows").get(0).get("people").asInt()).isEqualTo(6);
        }
    }

    @Test
    void youngEventsStay() throws Exception {
        MovableClock clock = new MovableClock();
        try (TestServer server = TestServer.start(folder, clock, 20, 5);
                TestDevice device = server.enrol()) {
            device.send(Events.batch(1, 3));
            clock.move(Duration.ofDays(89));
            try (SqliteStorage storage = SqliteStorage.open(folder.resolve("server.db"))) {
                assertThat(new Retention(storage, clock, Duration.ofDays(90)).run()).isZero();
            }
        }
    }
}
