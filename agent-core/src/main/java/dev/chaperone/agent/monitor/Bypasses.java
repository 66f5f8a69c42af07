// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.monitor;

import dev.chaperone.agent.EventRecorder;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.os.LinuxClientProcesses;
import dev.chaperone.inspector.conn.OwnConnections;
import dev.chaperone.inspector.monitor.Flow;
import dev.chaperone.inspector.monitor.Sighting;
import dev.chaperone.inspector.tls.InterceptDecision;
import dev.chaperone.inspector.tls.InterceptDecision.Intercept;
import dev.chaperone.model.prompt.ClientProcess;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Turns what was seen on the wire into events: leaves out what the agent opened itself and what is
 * not opened, finds the program. For one thread but {@link #counts}.
 */
final class Bypasses {
    static final String CODE = "CHP-MON-001";

    private static final String TCP = "bypassed_proxy";
    private static final String QUIC = "bypassed_proxy_quic";

    /** Finding a program may cost milliseconds; beyond this they are counted without. */
    private static final int LOOKUPS_A_SECOND = 50;

    private final EventRecorder recorder;
    private final Supplier<Rules> rules;
    private final OwnConnections own;
    private final Optional<LinuxClientProcesses> processes;
    private final Map<String, Long> counts = new ConcurrentHashMap<>();
    private long second = System.nanoTime();
    private int lookups;

    /**
     * @param own what the proxy opened
     * @param processes empty where programs cannot be found
     */
    Bypasses(
            EventRecorder recorder,
            Supplier<Rules> rules,
            OwnConnections own,
            Optional<LinuxClientProcesses> processes) {
        this.recorder = recorder;
        this.rules = rules;
        this.own = own;
        this.processes = processes;
    }

    /** Counts a connection, unless it is none that passed by. */
    void seen(Sighting sighting) {
        Flow flow = sighting.flow();
        if (own.contains(flow.client(), flow.server())) {
            return;
        }
        Rules now = rules.get();
        InterceptDecision decision =
                now.openHosts().decide(sighting.host(), flow.server().getPort());
        if (!(decision instanceof Intercept(var service))) {
            return;
        }
        ClientProcess client = client(flow);
        if (client.pid() == ProcessHandle.current().pid()) {
            return; // the agent itself, beside the proxy
        }
        String reason = flow.datagrams() ? QUIC : TCP;
        recorder.passedBy(
                service.id(), sighting.host(), client, now.policy().version(), reason, CODE);
        counts.merge(reason.replace('_', '-'), 1L, Long::sum);
    }

    private ClientProcess client(Flow flow) {
        long now = System.nanoTime();
        if (now - second > Duration.ofSeconds(1).toNanos()) {
            second = now;
            lookups = 0;
        }
        if (processes.isEmpty() || ++lookups > LOOKUPS_A_SECOND) {
            return ClientProcess.UNKNOWN;
        }
        return flow.datagrams()
                ? processes.get().sender(flow.client())
                : processes.get().owner(flow.client(), flow.server());
    }

    /** Reason → connections since the agent's start. */
    Map<String, Long> counts() {
        return Map.copyOf(counts);
    }
}
