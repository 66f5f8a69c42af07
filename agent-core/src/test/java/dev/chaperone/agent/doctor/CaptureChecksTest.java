// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static dev.chaperone.agent.doctor.WrittenFolder.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the monitor's process leaves in the folder, and a real store of events. */
class CaptureChecksTest {
    private final Instant now = Instant.now();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private WrittenFolder device;

    @BeforeEach
    void run() throws Exception {
        device = new WrittenFolder(folder);
        device.running("127.0.0.1:1", "");
    }

    private void monitor(String problem, int dropped, int unread) throws Exception {
        Files.writeString(
                folder.resolve("monitor-status"),
                "pid=7%nproblem=%s%ndropped=%d%nunread-quic=%d%n"
                        .formatted(problem, dropped, unread));
    }

    private List<Check> examined() {
        return CaptureChecks.examine(folder, "en", null);
    }

    @Test
    void withoutAnAgentNobodyIsSaidToCount() throws Exception {
        Files.delete(folder.resolve("status"));
        monitor("", 0, 0);
        assertThat(examined()).isEmpty();
    }

    @Test
    void policyThatDoesNotAsk() {
        assertThat(examined()).hasSize(1);
        Check check = named(examined(), "unproxied");
        assertThat(check.state()).isEqualTo(State.OK);
        assertThat(check.says()).contains("policy does not ask");
        assertThat(check.evidence()).isEqualTo(folder.resolve("monitor-status") + ": is not there");
    }

    @Test
    void monitorThatCannotCount() throws Exception {
        monitor("libpcap is not installed", 1, 0);
        assertThat(examined()).hasSize(1);
        Check check = named(examined(), "unproxied");
        assertThat(check.state()).isEqualTo(State.NOTE);
        assertThat(check.says()).endsWith("nobody does: libpcap is not installed");
        assertThat(check.remedy()).contains("give what is missing");
        assertThat(check.evidence()).endsWith("monitor-status: pid=7");
    }

    @Test
    void monitorThatCounts() throws Exception {
        monitor("", 0, 0);
        assertThat(examined()).hasSize(1);
        Check check = named(examined(), "unproxied");
        assertThat(check.state()).isEqualTo(State.OK);
        assertThat(check.says()).contains("are counted");
        assertThat(check.evidence()).endsWith("monitor-status: pid=7");
    }

    @Test
    void monitorThatMissesSome() throws Exception {
        for (int[] lost : new int[][] {{1, 0}, {0, 1}}) {
            monitor("", lost[0], lost[1]);
            assertThat(examined()).hasSize(2);
            Check check = named(examined(), "unproxied-unread");
            assertThat(check.state()).isEqualTo(State.NOTE);
            assertThat(check.says())
                    .contains(lost[0] + " packets lost, " + lost[1] + " QUIC connections");
            assertThat(check.remedy()).contains("load");
            assertThat(check.evidence()).endsWith("monitor-status: dropped, unread-quic");
        }
    }

    @Test
    void onlyWhatPassedByIsCounted() throws Exception {
        Instant at = now.minus(Duration.ofHours(1));
        device.recorded(at, "app", "one", Map.of("bypassed_proxy", 2, "paused", 5), Action.ALLOW);
        device.recorded(at, "app", "one", Map.of("bypassed_proxy_quic", 1), Action.ALLOW);
        device.recorded(at, "app", "two", Map.of("paused", 5), Action.ALLOW);
        device.recorded(
                now.minus(Duration.ofHours(25)),
                "app",
                "three",
                Map.of("bypassed_proxy", 9),
                Action.ALLOW);
        List<Check> seen = examined().stream().filter(c -> c.name().equals("passed-by")).toList();
        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().state()).isEqualTo(State.NOTE);
        assertThat(seen.getFirst().says())
                .isEqualTo("seen, not inspected: 3 connections of app to one in the last day");
        assertThat(seen.getFirst().remedy()).contains("let app use the proxy");
        assertThat(seen.getFirst().evidence()).endsWith("last day, reason bypassed_proxy");
    }

    @Test
    void tenWaysAreToldTheMostUsedFirst() throws Exception {
        for (int n = 1; n <= 11; n++) {
            device.recorded(now, "app", "service-" + n, Map.of("bypassed_proxy", n), Action.ALLOW);
        }
        List<Check> seen = examined().stream().filter(c -> c.name().equals("passed-by")).toList();
        assertThat(seen).hasSize(10);
        assertThat(seen.getFirst().says()).contains("11 connections of app to service-11");
        assertThat(seen.getLast().says()).contains("2 connections of app to service-2 ");
    }
}
