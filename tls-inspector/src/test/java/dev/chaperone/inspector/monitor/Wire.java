// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Bytes as a client sends them, made without the classes under test. */
final class Wire {
    static final int SYN = 2;
    static final int ACK = 16;
    static final int FIN = 1;

    private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress SERVER = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress CLIENT6 = InetAddress.ofLiteral("2001:db8::1");
    private static final InetAddress SERVER6 = InetAddress.ofLiteral("2001:db8::2");

    private Wire() {}

    /** A real hello of the JDK's engine, in its record. */
    static byte[] hello(String host) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, null, null);
            SSLEngine engine = context.createSSLEngine(host, 443);
            engine.setUseClientMode(true);
            ByteBuffer out = ByteBuffer.allocate(32768);
            var _ = engine.wrap(ByteBuffer.allocate(0), out);
            return Arrays.copyOf(out.array(), out.position());
        } catch (GeneralSecurityException | javax.net.ssl.SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same message without its record. */
    static byte[] message(String host) {
        byte[] record = hello(host);
        return Arrays.copyOfRange(record, 5, record.length);
    }

    static Flow flow(int port) {
        return new Flow(
                false, new InetSocketAddress(CLIENT, port), new InetSocketAddress(SERVER, 443));
    }

    static Packet segment(int port, int sequence, int flags, byte[] payload) {
        return new Packet(
                flow(port),
                sequence,
                (flags & SYN) != 0,
                (flags & FIN) != 0,
                ByteBuffer.wrap(payload));
    }

    static Packet datagram(int port, byte[] payload) {
        Flow flow =
                new Flow(
                        true,
                        new InetSocketAddress(CLIENT, port),
                        new InetSocketAddress(SERVER, 443));
        return new Packet(flow, 0, false, false, ByteBuffer.wrap(payload));
    }

    static byte[] tcp(int sequence, int flags, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(24 + payload.length);
        out.putShort((short) 40000).putShort((short) 443).putInt(sequence).putInt(0);
        out.put((byte) (6 << 4)).put((byte) flags).putShort((short) 1000).putInt(0);
        return out.putInt(0x02040218).put(payload).array();
    }

    static byte[] udp(byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(8 + payload.length);
        out.putShort((short) 40000).putShort((short) 443);
        return out.putShort((short) (8 + payload.length)).putShort((short) 0).put(payload).array();
    }

    static byte[] ip4(int protocol, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(24 + payload.length);
        out.put((byte) 0x46).put((byte) 0).putShort((short) (24 + payload.length));
        out.putInt(0).put((byte) 64).put((byte) protocol).putShort((short) 0);
        out.put(CLIENT.getAddress()).put(SERVER.getAddress()).putInt(0x01010101);
        return out.put(payload).array();
    }

    /** With hop-by-hop, routing, fragment (the first) and destination headers. */
    static byte[] ip6(int protocol, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(40 + 8 + 24 + 8 + 16 + payload.length);
        out.putInt(6 << 28).putShort((short) (out.capacity() - 40)).put((byte) 0).put((byte) 64);
        out.put(CLIENT6.getAddress()).put(SERVER6.getAddress());
        out.put((byte) 43).put((byte) 0).put(new byte[6]);
        out.put((byte) 44).put((byte) 2).put(new byte[22]);
        out.put((byte) 60).put((byte) 0).putShort((short) 1).putInt(7);
        out.put((byte) protocol).put((byte) 1).put(new byte[14]);
        return out.put(payload).array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /** A CRYPTO frame. */
    static byte[] crypto(int offset, byte[] data) {
        ByteBuffer out = ByteBuffer.allocate(9 + data.length);
        out.put((byte) 6).putInt(0x8000_0000 | offset).putInt(0x8000_0000 | data.length);
        return out.put(data).array();
    }

    /**
     * A protected Initial, padded to 1,200 bytes (RFC 9001 §5).
     *
     * @param keysOf the connection id that the keys come from
     * @param to the connection id that it is sent to
     */
    static byte[] initial(int version, byte[] keysOf, byte[] to, int number, byte[] frames) {
        boolean two = version != 1;
        byte[] salt =
                hex(
                        two
                                ? "0dede3def700a6db819381be6e269dcbf9bd2ed9"
                                : "38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
        String prefix = two ? "quicv2 " : "quic ";
        int head = 1 + 4 + 1 + to.length + 1 + 1 + 2;
        byte[] plain = Arrays.copyOf(frames, Math.max(frames.length, 1200 - head - 4 - 16));
        ByteBuffer header = ByteBuffer.allocate(head + 4);
        header.put((byte) (0xC3 | (two ? 1 << 4 : 0))).putInt(version);
        header.put((byte) to.length).put(to).put((byte) 0).put((byte) 0);
        header.putShort((short) (0x4000 | 4 + plain.length + 16)).putInt(number);
        try {
            byte[] client = expand(hmac(salt, keysOf), "client in", 32);
            byte[] nonce = expand(client, prefix + "iv", 12);
            for (int i = 0; i < 4; i++) {
                nonce[11 - i] ^= (byte) (number >>> 8 * i);
            }
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(expand(client, prefix + "key", 16), "AES"),
                    new GCMParameterSpec(128, nonce));
            gcm.updateAAD(header.array());
            byte[] packet = join(header.array(), gcm.doFinal(plain));
            Cipher ecb = Cipher.getInstance("AES/ECB/NoPadding");
            ecb.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(expand(client, prefix + "hp", 16), "AES"));
            byte[] mask = ecb.doFinal(Arrays.copyOfRange(packet, head + 4, head + 20));
            packet[0] ^= (byte) (mask[0] & 0x0F);
            for (int i = 0; i < 4; i++) {
                packet[head + i] ^= mask[1 + i];
            }
            return packet;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] expand(byte[] secret, String label, int length)
            throws GeneralSecurityException {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        byte[] info =
                join(new byte[] {0, (byte) length, (byte) name.length}, name, new byte[] {0, 1});
        return Arrays.copyOf(hmac(secret, info), length);
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }
}
