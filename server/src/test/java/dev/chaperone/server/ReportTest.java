// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.event.Event;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ReportTest {
    private static final Map<String, Integer> SECRET = Map.of("SECRET.github-pat", 2);

    @TempDir Path folder;
    private TestServer server;
    private TestDevice device;
    private final List<Event> events = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        device = server.enrol();
    }

    @AfterEach
    void stop() {
        device.close();
        server.close();
    }

    /** Adds one event for each of so many people. */
    private void people(int count, String service, Action action, Outcome outcome) {
        for (int i = 0; i < count; i++) {
            Map<String, Integer> found = action == Action.ALLOW ? Map.of() : SECRET;
            events.add(
                    Events.event(
                            events.size() + 1,
                            new Events.Kind(
                                    "person-" + i,
                                    service,
                                    "=HYPERLINK(A1)",
                                    found,
                                    action,
                                    outcome,
                                    Events.AT)));
        }
    }

    private void deliver() throws Exception {
        assertThat(device.send(Events.batch(events)).statusCode()).isEqualTo(200);
    }

    private static List<String> column(JsonNode report, String name) {
        List<String> values = new ArrayList<>();
        report.get("rows").forEach(row -> values.add(row.get(name).asString()));
        return values;
    }

    @Test
    void usageIsSplitByEachDimension() throws Exception {
        people(6, "one", Action.ALLOW, Outcome.SENT);
        people(5, "two", Action.REDACT, Outcome.SENT_REDACTED);
        people(5, "two", Action.BLOCK, Outcome.BLOCKED);
        deliver();
        JsonNode services = server.json("/api/v1/reports/usage?since=30d&by=service");
        assertThat(column(services, "service")).containsExactly("two", "one");
        assertThat(column(services, "events")).containsExactly("10", "6");
        assertThat(column(services, "found")).containsExactly("10", "0");
        assertThat(column(services, "redacted")).containsExactly("5", "0");
        assertThat(column(services, "stopped")).containsExactly("5", "0");
        assertThat(column(services, "people")).containsExactly("5", "6");
        assertThat(services.at("/total/events").asInt()).isEqualTo(16);
        assertThat(services.at("/total/people").asInt()).isEqualTo(6);
        assertThat(column(server.json("/api/v1/reports/usage?by=action"), "action"))
                .containsExactly("allow", "block", "redact");
        assertThat(column(server.json("/api/v1/reports/usage?by=data-type"), "data-type"))
                .containsExactly("SECRET.github-pat");
        assertThat(column(server.json("/api/v1/reports/usage?by=group"), "group"))
                .containsExactly("sales");
        assertThat(column(server.json("/api/v1/reports/usage?by=intent"), "intent"))
                .containsExactly("code");
        assertThat(column(server.json("/api/v1/reports/usage?by=day"), "day"))
                .containsExactly("2026-11-25");
    }

    @Test
    void whatLeftDespiteAFindingIsALeakAndNothingElse() throws Exception {
        people(5, "one", Action.WARN, Outcome.SENT);
        people(6, "one", Action.COACH, Outcome.SENT_WITH_REASON);
        people(7, "one", Action.COACH, Outcome.TIMED_OUT);
        people(8, "one", Action.REDACT, Outcome.SENT_REDACTED);
        people(8, "one", Action.BLOCK, Outcome.BLOCKED);
        people(8, "one", Action.ALLOW, Outcome.SENT);
        deliver();
        JsonNode leaks = server.json("/api/v1/reports/leaks?since=30d");
        assertThat(column(leaks, "outcome"))
                .containsExactly("TIMED_OUT", "SENT_WITH_REASON", "SENT");
        assertThat(column(leaks, "rule")).containsOnly("a-rule");
        assertThat(leaks.at("/total/events").asInt()).isEqualTo(18);
    }

    @Test
    void groupOfFewerThanFiveIsHiddenAlsoByDifference() throws Exception {
        people(9, "large", Action.ALLOW, Outcome.SENT);
        people(6, "middle", Action.ALLOW, Outcome.SENT);
        people(4, "small", Action.ALLOW, Outcome.SENT);
        deliver();
        HttpResponse<String> response = server.get("/api/v1/reports/usage?by=service");
        JsonNode report = TestServer.JSON.readTree(response.body());
        assertThat(column(report, "service")).containsExactly("large");
        assertThat(report.get("suppressedRows").asInt()).isEqualTo(2);
        assertThat(report.get("minimumPeople").asInt()).isEqualTo(5);
        assertThat(response.body()).doesNotContain("small").doesNotContain("middle");
    }

    @Test
    void oneGroupTooSmallHasNoTotalInAnyReport() throws Exception {
        people(4, "small", Action.WARN, Outcome.SENT);
        deliver();
        for (String by : List.of("service", "application", "group", "action", "day", "intent")) {
            JsonNode report = server.json("/api/v1/reports/usage?by=" + by);
            assertThat(report.get("rows")).as(by).isEmpty();
            assertThat(report.get("total").isNull()).as(by).isTrue();
        }
        assertThat(server.json("/api/v1/reports/leaks").get("total").isNull()).isTrue();
    }

    @Test
    void csvIsSafeToOpen() throws Exception {
        people(5, "one", Action.ALLOW, Outcome.SENT);
        deliver();
        HttpResponse<String> csv = server.get("/api/v1/reports/usage?by=application&format=csv");
        assertThat(csv.body().split("\r\n"))
                .containsExactly(
                        "application,events,repeats,found,redacted,stopped,bytes,people",
                        "'=HYPERLINK(A1),5,0,0,0,0,500,5");
        assertThat(csv.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/csv"));
    }

    @Test
    void wrongParametersAreNamed() throws Exception {
        assertThat(TestServer.code(server.get("/api/v1/reports/usage?by=person")))
                .isEqualTo("400 CHP-SRV-001");
        assertThat(TestServer.code(server.get("/api/v1/reports/usage?since=yesterday")))
                .isEqualTo("400 CHP-SRV-001");
        assertThat(TestServer.code(server.get("/api/v1/reports/leaks?format=pdf")))
                .isEqualTo("400 CHP-SRV-001");
        assertThat(TestServer.code(server.send(server.bare("/api/v1/reports/leaks").GET())))
                .isEqualTo("401 CHP-SRV-030");
    }

    @Test
    void completenessIsUnknownWithoutDevices(@TempDir Path other) throws Exception {
        try (TestServer empty = TestServer.start(other)) {
            JsonNode c = empty.json("/api/v1/reports/usage").get("completeness");
            assertThat(c.get("percent").isNull()).isTrue();
        }
    }

    @Test
    void silentDevicesLowerTheCompletenessAlsoAfterwards() throws Exception {
        try (TestDevice second = server.enrol()) {
            server.clock.move(Duration.ofHours(20));
            device.status(Map.of());
            second.status(Map.of());
            assertThat(completeness().get("devicesSilent").asInt()).isZero();
            for (int i = 0; i < 2; i++) {
                server.clock.move(Duration.ofHours(20));
                device.status(Map.of());
            }
            JsonNode silent = completeness();
            assertThat(silent.get("devices").asInt()).isEqualTo(2);
            assertThat(silent.get("devicesSilent").asInt()).isEqualTo(1);
            assertThat(silent.get("silentHours").asInt()).isEqualTo(40);
            assertThat(silent.get("deviceHours").asInt()).isEqualTo(120);
            assertThat(silent.get("percent").asDouble()).isEqualTo(66.6);
            second.status(Map.of());
            assertThat(completeness().get("silentHours").asInt()).isEqualTo(40);
        }
    }

    private JsonNode completeness() throws Exception {
        return server.json("/api/v1/reports/usage?since=30d").get("completeness");
    }

    @Test
    void whatWasNotInspectedIsCountedOnceAcrossRestarts() throws Exception {
        people(5, "one", Action.ALLOW, Outcome.SENT);
        deliver();
        device.status(Map.of("oversize", 3L));
        device.status(Map.of("oversize", 3L));
        device.status(Map.of("oversize", 5L));
        device.status(Map.of("oversize", 2L, "unreadable", 1L)); // restarted
        JsonNode c = completeness();
        assertThat(c.at("/notInspected/oversize").asInt()).isEqualTo(7);
        assertThat(c.at("/notInspected/unreadable").asInt()).isEqualTo(1);
        assertThat(c.get("percent").asDouble()).isEqualTo(38.4); // 5 of 13
    }
}
