// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FramesTest {
    private static final byte[] PAYLOAD = "payload".getBytes(StandardCharsets.US_ASCII);
    private static final int OUTGOING = 4;
    private static final int ARPHRD_ETHERNET = 1;

    /** Each link type with each kind of packet in it. */
    static Stream<Arguments> frames() {
        Map<String, byte[]> packets =
                Map.of(
                        "TCP, IPv4", Wire.ip4(6, Wire.tcp(7, Wire.ACK, PAYLOAD)),
                        "UDP, IPv4", Wire.ip4(17, Wire.udp(PAYLOAD)),
                        "TCP, IPv6", Wire.ip6(6, Wire.tcp(7, Wire.ACK, PAYLOAD)),
                        "UDP, IPv6", Wire.ip6(17, Wire.udp(PAYLOAD)));
        return packets.entrySet().stream()
                .flatMap(p -> {
                    byte[] ip = p.getValue();
                    byte[] type = Wire.hex(p.getKey().endsWith("6") ? "86dd" : "0800");
                    byte[] addresses = new byte[12];
                    byte[] padding = new byte[20];
                    return Stream.of(
                            frame("Ethernet", Frames.ETHERNET, p, addresses, type, ip, padding),
                            frame(
                                    "two VLANs",
                                    Frames.ETHERNET,
                                    p,
                                    addresses,
                                    Wire.hex("88a800058100000a"),
                                    type,
                                    ip),
                            frame(
                                    "cooked",
                                    Frames.LINUX_COOKED,
                                    p,
                                    cooked(OUTGOING, ARPHRD_ETHERNET, type),
                                    ip),
                            frame(
                                    "cooked 2",
                                    Frames.LINUX_COOKED_2,
                                    p,
                                    cooked2(OUTGOING, ARPHRD_ETHERNET, type),
                                    ip),
                            frame("loopback", Frames.LOOPBACK, p, Wire.hex("02000000"), ip),
                            frame("OpenBSD", Frames.OPENBSD_LOOPBACK, p, Wire.hex("00000002"), ip),
                            frame("raw", Frames.RAW, p, ip));
                });
    }

    private static Arguments frame(
            String link, int linkType, Map.Entry<String, byte[]> packet, byte[]... parts) {
        return Arguments.of(link + ", " + packet.getKey(), linkType, Wire.join(parts));
    }

    private static byte[] cooked(int direction, int hardware, byte[] type) {
        ByteBuffer out = ByteBuffer.allocate(16);
        out.putShort((short) direction).putShort((short) hardware).putShort((short) 6);
        return out.putLong(0).put(type).array();
    }

    private static byte[] cooked2(int direction, int hardware, byte[] type) {
        ByteBuffer out = ByteBuffer.allocate(20);
        out.put(type).putShort((short) 0).putInt(3).putShort((short) hardware);
        return out.put((byte) direction).put((byte) 6).putLong(0).array();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    void findsThePayload(String name, int linkType, byte[] frame) {
        assertThat(Frames.knows(linkType)).isTrue();
        Packet packet = Frames.read(linkType, frame).orElseThrow();
        byte[] payload = new byte[packet.payload().remaining()];
        packet.payload().get(payload);
        assertThat(payload).isEqualTo(PAYLOAD);
        assertThat(packet.flow().client().getPort()).isEqualTo(40000);
        assertThat(packet.flow().datagrams()).isEqualTo(name.contains("UDP"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    void aFrameCutOffAnywhereIsShorterOrNothing(String name, int linkType, byte[] frame) {
        for (int n = 0; n < frame.length; n++) {
            byte[] cut = Arrays.copyOf(frame, n);
            assertThat(Frames.read(linkType, cut).map(p -> p.payload().remaining()).orElse(0))
                    .isLessThanOrEqualTo(PAYLOAD.length);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    void lyingBytesAreNoException(String name, int linkType, byte[] frame) {
        for (int at = 0; at < frame.length; at++) {
            for (int value : new int[] {0, 1, 0x0F, 0x40, 0x7F, 0x80, 0xF0, 0xFF}) {
                byte[] lie = frame.clone();
                lie[at] = (byte) value;
                assertThatCode(() -> Frames.read(linkType, lie)).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void randomBytesAreNoException() {
        Random random = new Random(20);
        int[] types = {0, 1, 12, 101, 108, 113, 228, 229, 276, 999};
        for (int i = 0; i < 100_000; i++) {
            byte[] junk = new byte[random.nextInt(120)];
            random.nextBytes(junk);
            int type = types[i % types.length];
            assertThatCode(() -> Frames.read(type, junk)).doesNotThrowAnyException();
        }
        assertThat(Frames.read(Frames.ETHERNET, new byte[1 << 20])).isEmpty();
    }

    @Test
    void onlyWhatLeavesThisMachineByARealInterfaceCounts() {
        byte[] ip = Wire.ip4(6, Wire.tcp(7, Wire.ACK, PAYLOAD));
        byte[] type = Wire.hex("0800");
        assertThat(Frames.read(Frames.LINUX_COOKED, Wire.join(cooked(0, 1, type), ip))).isEmpty();
        assertThat(Frames.read(Frames.LINUX_COOKED, Wire.join(cooked(4, 772, type), ip))).isEmpty();
        assertThat(Frames.read(Frames.LINUX_COOKED_2, Wire.join(cooked2(0, 1, type), ip)))
                .isEmpty();
        assertThat(Frames.read(Frames.LINUX_COOKED_2, Wire.join(cooked2(4, 772, type), ip)))
                .isEmpty();
    }

    @Test
    void laterFragmentsAndOtherPortsAreNothing() {
        byte[] fragment = Wire.ip4(6, Wire.tcp(7, Wire.ACK, PAYLOAD));
        fragment[7] = 1;
        assertThat(Frames.read(Frames.RAW, fragment)).isEmpty();
        byte[] other = Wire.ip4(6, Wire.tcp(7, Wire.ACK, PAYLOAD));
        other[27] ^= 1;
        assertThat(Frames.read(Frames.RAW, other)).isEmpty();
    }
}
