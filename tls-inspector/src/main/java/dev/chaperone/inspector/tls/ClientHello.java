// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a client asks for in its first TLS message (RFC 8446 §4.1.2, RFC 6066 §3, RFC 7301).
 *
 * @param serverName host name of the SNI extension, lower case, or the empty string
 * @param alpn offered application protocols in order; empty when the extension is absent
 * @param hasAlpn true when the extension is present
 * @param groups offered key exchange groups, code points in order
 * @param version highest version offered, for example 0x0304
 * @param encryptedHello true when an inner hello is enclosed, or a grease that looks like one
 *     (draft-ietf-tls-esni): the server name may then be that of a front
 */
public record ClientHello(
        String serverName,
        List<String> alpn,
        boolean hasAlpn,
        List<Integer> groups,
        int version,
        boolean encryptedHello) {
    /**
     * X25519MLKEM768, the hybrid post-quantum group that browsers offer
     * (draft-ietf-tls-ecdhe-mlkem).
     */
    public static final int X25519MLKEM768 = 0x11EC;

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int MAX_HELLO = 64 * 1024;
    private static final int MAX_RECORD = 16 * 1024 + 256;

    public ClientHello {
        alpn = List.copyOf(alpn);
        groups = List.copyOf(groups);
    }

    public boolean offersPostQuantum() {
        return groups.contains(X25519MLKEM768);
    }

    /** What the first bytes of a connection are. */
    public sealed interface Peek {
        /** A whole ClientHello. */
        record Hello(ClientHello hello) implements Peek {}

        /** Too few bytes to tell. */
        record NeedMore() implements Peek {}

        /** Not TLS at all. */
        record NotTls() implements Peek {}

        /** TLS, but the hello is malformed. */
        record Malformed() implements Peek {}
    }

    /**
     * Reads the hello from the first bytes of a connection, reassembled over records.
     *
     * @param bytes from the first byte on; position and limit are not changed
     */
    public static Peek peek(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate();
        if (in.remaining() > 0 && in.get(in.position()) != HANDSHAKE
                || in.remaining() > 1 && in.get(in.position() + 1) != 3) {
            return new Peek.NotTls();
        }
        byte[] message = new byte[Math.min(in.remaining(), MAX_HELLO)];
        int length = 0;
        while (in.remaining() >= 5) {
            int type = in.get();
            in.getShort();
            int size = in.getShort() & 0xFFFF;
            if (type != HANDSHAKE || size == 0 || size > MAX_RECORD) {
                return new Peek.Malformed();
            }
            int take = Math.min(size, in.remaining());
            if (length + take > message.length) {
                return new Peek.Malformed();
            }
            in.get(message, length, take);
            length += take;
            Peek peek = peekMessage(ByteBuffer.wrap(message, 0, length));
            if (!(peek instanceof Peek.NeedMore)) {
                return peek;
            }
            if (take < size) {
                break;
            }
        }
        return new Peek.NeedMore();
    }

    /**
     * Reads the hello from the first bytes of a handshake that has no records, as in QUIC (RFC 9001
     * §4.1.3).
     *
     * @param bytes from the message's type on; position and limit are not changed
     */
    public static Peek peekMessage(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate();
        if (in.remaining() < 4) {
            return new Peek.NeedMore();
        }
        int head = in.getInt();
        int total = head & 0xFFFFFF;
        if (head >>> 24 != CLIENT_HELLO || total + 4 > MAX_HELLO) {
            return new Peek.Malformed();
        }
        if (in.remaining() < total) {
            return new Peek.NeedMore();
        }
        return parse(in.slice(in.position(), total))
                .<Peek>map(Peek.Hello::new)
                .orElseGet(Peek.Malformed::new);
    }

    private static Optional<ClientHello> parse(ByteBuffer in) {
        try {
            int version = in.getShort() & 0xFFFF;
            skip(in, 32);
            skip(in, in.get() & 0xFF);
            skip(in, in.getShort() & 0xFFFF);
            skip(in, in.get() & 0xFF);
            Builder builder = new Builder(version);
            if (in.remaining() >= 2) {
                ByteBuffer extensions = slice(in, in.getShort() & 0xFFFF);
                while (extensions.remaining() >= 4) {
                    int type = extensions.getShort() & 0xFFFF;
                    builder.extension(type, slice(extensions, extensions.getShort() & 0xFFFF));
                }
            }
            return Optional.of(builder.build());
        } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void skip(ByteBuffer in, int n) {
        slice(in, n);
    }

    private static ByteBuffer slice(ByteBuffer in, int n) {
        if (n > in.remaining()) {
            throw new java.nio.BufferUnderflowException();
        }
        ByteBuffer part = in.slice(in.position(), n);
        in.position(in.position() + n);
        return part;
    }

    private static final class Builder {
        private static final int SERVER_NAME = 0;
        private static final int SUPPORTED_GROUPS = 10;
        private static final int ALPN = 16;
        private static final int SUPPORTED_VERSIONS = 43;
        private static final int ENCRYPTED_CLIENT_HELLO = 0xFE0D;

        private String serverName = "";
        private final List<String> alpn = new ArrayList<>();
        private boolean hasAlpn;
        private final List<Integer> groups = new ArrayList<>();
        private int version;
        private boolean encryptedHello;

        Builder(int legacyVersion) {
            this.version = legacyVersion;
        }

        void extension(int type, ByteBuffer data) {
            switch (type) {
                case SERVER_NAME -> {
                    ByteBuffer list = slice(data, data.getShort() & 0xFFFF);
                    if (list.remaining() >= 3 && list.get() == 0) {
                        serverName =
                                text(slice(list, list.getShort() & 0xFFFF))
                                        .toLowerCase(Locale.ROOT);
                    }
                }
                case ALPN -> {
                    hasAlpn = true;
                    ByteBuffer list = slice(data, data.getShort() & 0xFFFF);
                    while (list.hasRemaining()) {
                        alpn.add(text(slice(list, list.get() & 0xFF)));
                    }
                }
                case SUPPORTED_GROUPS -> {
                    ByteBuffer list = slice(data, data.getShort() & 0xFFFF);
                    while (list.remaining() >= 2) {
                        groups.add(list.getShort() & 0xFFFF);
                    }
                }
                case SUPPORTED_VERSIONS -> {
                    ByteBuffer list = slice(data, data.get() & 0xFF);
                    while (list.remaining() >= 2) {
                        int offered = list.getShort() & 0xFFFF;
                        boolean grease = (offered & 0x0F0F) == 0x0A0A; // RFC 8701
                        if (!grease && offered > version) {
                            version = offered;
                        }
                    }
                }
                case ENCRYPTED_CLIENT_HELLO -> encryptedHello = true;
                default -> {}
            }
        }

        private static String text(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return new String(copy, StandardCharsets.ISO_8859_1);
        }

        ClientHello build() {
            return new ClientHello(serverName, alpn, hasAlpn, groups, version, encryptedHello);
        }
    }

    /** Hides the host: on a tunnelled connection it is nobody's business. */
    @Override
    public String toString() {
        return "ClientHello[" + alpn.size() + " protocols, " + groups.size() + " groups]";
    }
}
