// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import dev.chaperone.inspector.monitor.QuicInitial.Crypto;
import dev.chaperone.inspector.tls.ClientHello;
import dev.chaperone.inspector.tls.ClientHello.Peek;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts the hello of each connection together and tells those that ask for a watched host, once
 * each. A connection is in memory until its hello is whole; one to a host that is not watched is
 * forgotten there and then. Bounded in connections, bytes and time: beyond that the eldest go. For
 * one thread; no clock, no I/O.
 */
final class HelloWatch {
    /** Hellos under way; a browser opens dozens at once. */
    static final int MAX_OPEN = 1024;

    /** Bytes of all hellos under way. */
    static final int MAX_HELD = 4 << 20;

    /** Told connections, so that a retransmit is not told again. */
    static final int MAX_TOLD = 4096;

    /** The longest that a hello takes, with its retransmits. */
    private static final long MAX_AGE = Duration.ofSeconds(30).toNanos();

    /** After this an address and port may be another connection's (QUIC has no SYN). */
    private static final long TOLD_AGE = Duration.ofMinutes(2).toNanos();

    private static final int HANDSHAKE = 22;
    private static final int TLS = 3;

    private final Supplier<WatchedHosts> hosts;
    private final Map<Flow, Conversation> open = new LinkedHashMap<>();
    private final Map<Flow, Told> told = new LinkedHashMap<>();
    private int held;
    private long unreadQuic;

    /**
     * @param hosts asked at each hello
     */
    HelloWatch(Supplier<WatchedHosts> hosts) {
        this.hosts = hosts;
    }

    /** A hello under way. */
    private static final class Conversation {
        final long since;

        /** TCP: the number of the stream's first byte. */
        final int base;

        final Reassembly bytes = new Reassembly();
        @Nullable QuicKeys keys;

        Conversation(long since, int base) {
            this.since = since;
            this.base = base;
        }
    }

    /** When a connection was told, and the number of its SYN. */
    private record Told(long at, int base) {}

    /**
     * Looks at a packet.
     *
     * @param now a monotonic clock, ns
     * @return a connection to a watched host, when this packet completes its hello
     */
    Optional<Sighting> see(Packet packet, long now) {
        expire(now);
        return packet.flow().datagrams() ? datagram(packet, now) : segment(packet, now);
    }

    private Optional<Sighting> segment(Packet p, long now) {
        Flow flow = p.flow();
        if (p.opens()) {
            int base = p.sequence() + 1;
            Told before = told.get(flow);
            if (before != null && before.base == base) {
                return Optional.empty();
            }
            told.remove(flow);
            Conversation known = open.get(flow);
            if (known == null || known.base != base) {
                forget(flow);
                remember(flow, new Conversation(now, base));
            }
        }
        if (told.containsKey(flow)) {
            return Optional.empty();
        }
        Conversation c = open.get(flow);
        if (c == null && startsHandshake(p.payload())) {
            // Its SYN came before the monitor did.
            c = new Conversation(now, p.sequence());
            remember(flow, c);
        }
        if (c == null) {
            return Optional.empty();
        }
        int first = p.opens() ? p.sequence() + 1 : p.sequence(); // SYN counts (RFC 7413 sends data)
        Optional<Sighting> seen =
                p.payload().hasRemaining()
                        ? conclude(flow, c, add(c, first - c.base, p.payload()), now, false)
                        : Optional.empty();
        if (p.ends()) {
            forget(flow);
        }
        return seen;
    }

    private static boolean startsHandshake(ByteBuffer payload) {
        int at = payload.position();
        return payload.remaining() >= 2
                && payload.get(at) == HANDSHAKE
                && payload.get(at + 1) == TLS;
    }

    private Optional<Sighting> datagram(Packet p, long now) {
        Flow flow = p.flow();
        if (told.containsKey(flow)) {
            return Optional.empty();
        }
        QuicInitial.Datagram datagram = QuicInitial.split(p.payload());
        if (datagram.unknown()) {
            unreadQuic++;
        }
        for (QuicInitial initial : datagram.initials()) {
            Optional<Sighting> seen = initial(flow, initial, now);
            if (seen.isPresent()) {
                return seen;
            }
        }
        return Optional.empty();
    }

    private Optional<Sighting> initial(Flow flow, QuicInitial initial, long now) {
        Conversation known = open.get(flow);
        if (known != null && known.keys != null) {
            Optional<List<Crypto>> more = initial.open(known.keys);
            if (more.isPresent()) {
                return crypto(flow, known, more.get(), now);
            }
        }
        // The first packet of a connection, or the first after a Retry, whose keys are new. What
        // fits neither answers a server: every connection sends some, after its hello.
        QuicKeys keys = initial.keys();
        Optional<List<Crypto>> pieces = initial.open(keys);
        if (pieces.isEmpty()) {
            return Optional.empty();
        }
        forget(flow);
        Conversation fresh = new Conversation(now, 0);
        fresh.keys = keys;
        remember(flow, fresh);
        return crypto(flow, fresh, pieces.get(), now);
    }

    private Optional<Sighting> crypto(Flow flow, Conversation c, List<Crypto> pieces, long now) {
        boolean bounded = true;
        for (Crypto piece : pieces) {
            bounded &= add(c, piece.offset(), piece.data());
        }
        return conclude(flow, c, bounded, now, true);
    }

    private boolean add(Conversation c, long offset, ByteBuffer piece) {
        held -= c.bytes.held();
        boolean bounded = c.bytes.add(offset, piece);
        held += c.bytes.held();
        return bounded;
    }

    /** Forgets a hello that is whole, no hello at all, or longer than what is read. */
    private Optional<Sighting> conclude(
            Flow flow, Conversation c, boolean bounded, long now, boolean quic) {
        ByteBuffer bytes = c.bytes.contiguous();
        Peek peek = quic ? ClientHello.peekMessage(bytes) : ClientHello.peek(bytes);
        return switch (peek) {
            case Peek.NeedMore _ -> {
                if (!bounded) {
                    forget(flow);
                    unreadQuic += quic ? 1 : 0;
                }
                yield Optional.empty();
            }
            case Peek.NotTls _, Peek.Malformed _ -> {
                forget(flow);
                yield Optional.empty();
            }
            case Peek.Hello(ClientHello hello) -> {
                forget(flow);
                if (!hosts.get().hold(hello.serverName())) {
                    yield Optional.empty();
                }
                told.put(flow, new Told(now, c.base));
                yield Optional.of(new Sighting(hello.serverName(), hello.encryptedHello(), flow));
            }
        };
    }

    private void remember(Flow flow, Conversation c) {
        open.put(flow, c);
        held += c.bytes.held();
    }

    private void forget(Flow flow) {
        Conversation c = open.remove(flow);
        if (c != null) {
            held -= c.bytes.held();
        }
    }

    private void expire(long now) {
        Iterator<Conversation> eldest = open.values().iterator();
        while (eldest.hasNext()) {
            Conversation c = eldest.next();
            boolean old = now - c.since > MAX_AGE;
            if (!old && open.size() < MAX_OPEN && held <= MAX_HELD) {
                break;
            }
            unreadQuic += c.keys == null ? 0 : 1;
            eldest.remove();
            held -= c.bytes.held();
        }
        Iterator<Told> first = told.values().iterator();
        while (first.hasNext()) {
            if (now - first.next().at <= TOLD_AGE && told.size() < MAX_TOLD) {
                break;
            }
            first.remove();
        }
    }

    /** QUIC connections whose hello could not be read: another version, or never whole. */
    long unreadQuic() {
        return unreadQuic;
    }

    /** Connections in memory, for tests. */
    List<Flow> remembered() {
        List<Flow> all = new ArrayList<>(open.keySet());
        all.addAll(told.keySet());
        return all;
    }

    /** Bytes in memory, for tests. */
    int held() {
        return held;
    }
}
