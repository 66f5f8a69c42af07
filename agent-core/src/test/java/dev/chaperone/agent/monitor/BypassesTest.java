// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.EventRecorder;
import dev.chaperone.agent.Pseudonyms;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.agent.store.EventStore;
import dev.chaperone.inspector.conn.OwnConnections;
import dev.chaperone.inspector.monitor.Flow;
import dev.chaperone.inspector.monitor.Sighting;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.event.Event;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BypassesTest {
    @TempDir private Path folder;

    private Map<String, Long> counts = Map.of();

    /** The events that sightings make, under the shipped policy. */
    private List<Event> events(Sighting... sightings) throws Exception {
        Path keys = Files.createDirectories(folder.resolve("keys"));
        FileKeyVault vault = new FileKeyVault(keys);
        Rules rules = Rules.load(Optional.empty(), List.of());
        try (EventStore store = new EventStore(folder, vault)) {
            EventRecorder recorder =
                    new EventRecorder(
                            store, Pseudonyms.open(vault), List.of(), InstantSource.system());
            Bypasses bypasses =
                    new Bypasses(recorder, () -> rules, new OwnConnections(), Optional.empty());
            for (Sighting sighting : sightings) {
                bypasses.seen(sighting);
            }
            counts = bypasses.counts();
        }
        return new EventReader(folder, vault).since(Instant.EPOCH, 0);
    }

    private static Sighting sighting(String host, boolean quic, int port) {
        InetAddress server = InetAddress.ofLiteral("192.0.2.2");
        InetAddress client = InetAddress.ofLiteral("192.0.2.1");
        return new Sighting(
                host,
                false,
                new Flow(
                        quic,
                        new InetSocketAddress(client, port),
                        new InetSocketAddress(server, 443)));
    }

    /** A literal name of a service that is open by default. */
    private static String openHost() {
        return Rules.shippedHosts().openNames().values().stream()
                .flatMap(List::stream)
                .filter(h -> !h.startsWith("*"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void oneEventForProgramServiceAndReasonWithItsRepeats() throws Exception {
        String host = openHost();
        List<Event> events =
                events(
                        sighting(host, false, 1),
                        sighting(host, false, 2),
                        sighting(host, false, 3),
                        sighting(host, true, 4));
        assertThat(events)
                .extracting(Event::notInspected)
                .containsExactlyInAnyOrder(
                        Map.of("bypassed_proxy", 1), Map.of("bypassed_proxy_quic", 1));
        Event tcp =
                events.stream()
                        .filter(e -> e.notInspected().containsKey("bypassed_proxy"))
                        .findFirst()
                        .orElseThrow();
        assertThat(tcp.repeats()).isEqualTo(2);
        assertThat(tcp.action()).isEqualTo(Action.ALLOW);
        assertThat(tcp.app().name()).isEqualTo("unknown");
        assertThat(tcp.code()).isEqualTo(Bypasses.CODE);
        assertThat(counts).isEqualTo(Map.of("bypassed-proxy", 3L, "bypassed-proxy-quic", 1L));
    }

    @Test
    void anotherHostLeavesNothing() throws Exception {
        assertThat(events(sighting("bank.test", false, 1), sighting("bank.test", true, 2)))
                .isEmpty();
        assertThat(counts).isEmpty();
    }
}
