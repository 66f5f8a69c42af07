// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The services an agent knows, compiled for recognising requests. Immutable and thread-safe. */
public final class Catalogue {
    /** A service's place in the order and the patterns of all its endpoints. */
    private record Entry(AiService service, List<HostPattern> hosts, boolean anyHost) {}

    private final List<AiService> services;
    private final List<Entry> entries;

    /** Endpoints all of whose hosts are exact names, by name; with their place in the order. */
    private final Map<String, List<Ranked>> byName;

    /** Endpoints with another kind of host pattern. */
    private final List<Ranked> others;

    private record Ranked(int rank, CompiledEndpoint endpoint) {}

    private record Place(String host, int port) {}

    /** More hosts than an agent opens in a day; beyond it nothing is remembered. */
    private static final int MAX_PLACES = 1024;

    private final Map<Place, List<CompiledEndpoint>> remembered = new ConcurrentHashMap<>();

    private Catalogue(List<AiService> services) {
        this.services = List.copyOf(services);
        this.entries = new ArrayList<>();
        this.byName = new HashMap<>();
        this.others = new ArrayList<>();
        int rank = 0;
        for (AiService service : services) {
            List<HostPattern> hosts = new ArrayList<>();
            service.hosts().forEach(host -> hosts.add(HostPattern.of(host)));
            for (Endpoint endpoint : service.endpoints()) {
                CompiledEndpoint compiled = new CompiledEndpoint(service, endpoint);
                index(new Ranked(rank++, compiled));
                if (!endpoint.hosts().isEmpty()) {
                    hosts.addAll(compiled.hosts);
                }
            }
            boolean any = hosts.stream().allMatch(HostPattern::isAny);
            entries.add(new Entry(service, List.copyOf(hosts), any));
        }
    }

    private void index(Ranked ranked) {
        List<HostPattern> hosts = ranked.endpoint.hosts;
        if (hosts.stream().anyMatch(h -> h.suffix() || h.regex() != null)) {
            others.add(ranked);
            return;
        }
        hosts.stream()
                .map(HostPattern::text)
                .distinct()
                .forEach(h -> byName.computeIfAbsent(h, _ -> new ArrayList<>()).add(ranked));
    }

    /**
     * Compiles services in order.
     *
     * @throws IllegalArgumentException naming service, endpoint and place of a path, condition or
     *     regex that does not compile
     */
    public static Catalogue compile(List<AiService> services) {
        return new Catalogue(services);
    }

    public List<AiService> services() {
        return services;
    }

    /** Services one of whose host patterns covers the host, in order; "any host" excluded. */
    public List<AiService> servicesOn(String host, int port) {
        List<AiService> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (!entry.anyHost && entry.hosts.stream().anyMatch(h -> h.covers(host, port))) {
                found.add(entry.service);
            }
        }
        return found;
    }

    /**
     * The names a certificate for a service can carry, in order, each once: exact names and {@code
     * *.suffix}, without ports. A {@code ~regex} names nothing.
     */
    public static List<String> literalHosts(AiService service) {
        return service.literalHosts();
    }

    /**
     * The first endpoint that the request's head fits. A WebSocket endpoint fits an upgrade request
     * only, and no other does. Endpoints that need the body are excluded.
     */
    public Optional<EndpointMatch> match(RequestHead head) {
        return find(head, null);
    }

    /**
     * The first endpoint that the request fits.
     *
     * @param decodedBody after Content-Encoding
     */
    public Optional<EndpointMatch> match(RequestHead head, byte[] decodedBody) {
        return find(head, decodedBody);
    }

    private Optional<EndpointMatch> find(RequestHead head, byte @Nullable [] decodedBody) {
        List<CompiledEndpoint> candidates = candidates(head.host(), head.port());
        String path = head.path();
        EndpointMatch match = first(candidates, head, path, decodedBody);
        if (match == null) {
            // Servers treat these spellings alike, so a prompt must not pass unread under one.
            String plain = UrlPaths.normalise(path);
            if (!plain.equals(path)) {
                match = first(candidates, head, plain, decodedBody);
            }
        }
        return Optional.ofNullable(match);
    }

    private static @Nullable EndpointMatch first(
            List<CompiledEndpoint> candidates,
            RequestHead head,
            String path,
            byte @Nullable [] decodedBody) {
        for (CompiledEndpoint endpoint : candidates) {
            EndpointMatch match = endpoint.match(head, path, decodedBody);
            if (match != null) {
                return match;
            }
        }
        return null;
    }

    /** Endpoints on a host in the catalogue's order. */
    private List<CompiledEndpoint> candidates(String host, int port) {
        Place place = new Place(host, port);
        List<CompiledEndpoint> known = remembered.get(place);
        if (known == null) {
            known = List.copyOf(look(host, port));
            if (remembered.size() < MAX_PLACES) {
                remembered.put(place, known);
            }
        }
        return known;
    }

    private List<CompiledEndpoint> look(String host, int port) {
        List<Ranked> named = byName.getOrDefault(host, List.of());
        List<CompiledEndpoint> candidates = new ArrayList<>();
        int n = 0;
        for (Ranked other : others) {
            for (; n < named.size() && named.get(n).rank < other.rank; n++) {
                add(named.get(n), host, port, candidates);
            }
            add(other, host, port, candidates);
        }
        for (; n < named.size(); n++) {
            add(named.get(n), host, port, candidates);
        }
        return candidates;
    }

    private static void add(
            Ranked ranked, String host, int port, List<CompiledEndpoint> candidates) {
        if (ranked.endpoint.isOn(host, port)) {
            candidates.add(ranked.endpoint);
        }
    }
}
