// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import dev.chaperone.inspector.monitor.QuicKeys.Version;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client's Initial packet (RFC 9000 §17.2.2), still protected. Any bytes may come. */
final class QuicInitial {
    private static final int MAX_ID = 20;
    private static final int SAMPLE = 16;
    private static final int MAX_PACKETS = 8;
    private static final int MAX_FRAMES = 512;

    private static final int PADDING = 0;
    private static final int PING = 1;
    private static final int ACK = 2;
    private static final int ACK_ECN = 3;
    private static final int CRYPTO = 6;

    private final Version version;
    private final byte[] connection;
    private final byte[] packet;
    private final int numberAt;

    /**
     * @param packet from the first byte of the header to the packet's end
     * @param numberAt where in {@code packet} the packet number begins
     */
    private QuicInitial(Version version, byte[] connection, byte[] packet, int numberAt) {
        this.version = version;
        this.connection = connection;
        this.packet = packet;
        this.numberAt = numberAt;
    }

    /** A piece of the handshake. */
    record Crypto(long offset, ByteBuffer data) {}

    /**
     * What a datagram holds.
     *
     * @param initials in order
     * @param unknown true for a long header of a version that is not read here
     */
    record Datagram(List<QuicInitial> initials, boolean unknown) {}

    /** Takes a datagram apart into its coalesced packets (RFC 9000 §12.2). */
    static Datagram split(ByteBuffer datagram) {
        List<QuicInitial> initials = new ArrayList<>();
        ByteBuffer in = datagram.slice();
        try {
            for (int i = 0; i < MAX_PACKETS && in.hasRemaining(); i++) {
                int start = in.position();
                int first = in.get() & 0xFF;
                if ((first & 0x80) == 0) {
                    break; // a short header: the rest is one packet of 1-RTT
                }
                int number = in.getInt();
                Optional<Version> version = Version.of(number);
                if (version.isEmpty()) {
                    return new Datagram(initials, initials.isEmpty() && number != 0);
                }
                byte[] connection = bytes(in, id(in.get()));
                skip(in, id(in.get()));
                boolean initial = (first >> 4 & 3) == version.get().initialType;
                if (initial) {
                    skip(in, variable(in)); // token
                } else if ((first >> 4 & 3) == (version.get().initialType + 3) % 4) {
                    break; // Retry has no length, and no client sends it
                }
                long length = variable(in);
                int numberAt = in.position() - start;
                skip(in, length);
                if (initial) {
                    initials.add(
                            new QuicInitial(
                                    version.get(),
                                    connection,
                                    bytes(in.duplicate().position(start), in.position() - start),
                                    numberAt));
                }
            }
        } catch (BufferUnderflowException e) {
            // Cut off or no QUIC: what was whole counts.
        }
        return new Datagram(initials, false);
    }

    /** The keys of a connection that begins with this packet. */
    QuicKeys keys() {
        return QuicKeys.derive(version, connection);
    }

    /** The handshake pieces in it; empty when the keys do not fit. */
    Optional<List<Crypto>> open(QuicKeys keys) {
        int sampleAt = numberAt + 4;
        if (packet.length < sampleAt + SAMPLE) {
            return Optional.empty();
        }
        byte[] sample = new byte[SAMPLE];
        System.arraycopy(packet, sampleAt, sample, 0, SAMPLE);
        byte[] mask = keys.mask(sample);
        int first = packet[0] ^ mask[0] & 0x0F;
        int numberLength = (first & 3) + 1;
        byte[] header = new byte[numberAt + numberLength];
        System.arraycopy(packet, 0, header, 0, header.length);
        header[0] = (byte) first;
        long number = 0;
        for (int i = 0; i < numberLength; i++) {
            header[numberAt + i] ^= mask[1 + i];
            number = number << 8 | header[numberAt + i] & 0xFF;
        }
        byte[] sealed = new byte[packet.length - header.length];
        System.arraycopy(packet, header.length, sealed, 0, sealed.length);
        return keys.open(number, header, sealed).map(QuicInitial::frames);
    }

    private static List<Crypto> frames(ByteBuffer in) {
        List<Crypto> pieces = new ArrayList<>();
        try {
            for (int frames = 0; in.hasRemaining() && frames < MAX_FRAMES; ) {
                int type = in.get();
                switch (type) {
                    case PADDING -> {}
                    case PING -> frames++;
                    case ACK, ACK_ECN -> {
                        frames++;
                        acknowledged(in, type == ACK_ECN);
                    }
                    case CRYPTO -> {
                        frames++;
                        long offset = variable(in);
                        int length = size(in, variable(in));
                        pieces.add(new Crypto(offset, in.slice(in.position(), length)));
                        skip(in, length);
                    }
                    default -> {
                        return pieces; // CONNECTION_CLOSE: nothing follows
                    }
                }
            }
        } catch (BufferUnderflowException e) {
            // The tag fitted, so that the client itself sent this: what was whole counts.
        }
        return pieces;
    }

    private static void acknowledged(ByteBuffer in, boolean ecn) {
        variable(in);
        variable(in);
        long ranges = variable(in);
        variable(in);
        for (long i = 0; i < 2 * ranges; i++) {
            variable(in); // ends with the packet, whatever the count says
        }
        for (int i = 0; ecn && i < 3; i++) {
            variable(in);
        }
    }

    /** A variable-length integer (RFC 9000 §16). */
    private static long variable(ByteBuffer in) {
        int first = in.get() & 0xFF;
        long value = first & 0x3F;
        for (int i = (1 << (first >> 6)) - 1; i > 0; i--) {
            value = value << 8 | in.get() & 0xFF;
        }
        return value;
    }

    private static int id(byte length) {
        if ((length & 0xFF) > MAX_ID) {
            throw new BufferUnderflowException();
        }
        return length;
    }

    private static int size(ByteBuffer in, long length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return (int) length;
    }

    private static void skip(ByteBuffer in, long length) {
        in.position(in.position() + size(in, length));
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        byte[] copy = new byte[size(in, length)];
        in.get(copy);
        return copy;
    }
}
