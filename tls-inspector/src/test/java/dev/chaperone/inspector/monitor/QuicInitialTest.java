// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.chaperone.inspector.monitor.QuicKeys.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuicInitialTest {
    private static final int V1 = 1;
    private static final int V2 = 0x6B3343CF;
    private static final byte[] FIRST = Wire.hex("8394c8f03e515708");
    private static final byte[] SECOND = Wire.hex("f067a5502a4262b5");
    private static final int PORT = 50000;

    private final HelloWatch watch = new HelloWatch(() -> new WatchedHosts(List.of("chat.test")));
    private final byte[] message = Wire.message("chat.test");

    private Optional<Sighting> see(byte[] datagram) {
        return watch.see(Wire.datagram(PORT, datagram), 0);
    }

    private byte[] part(int version, int number, int from, int to) {
        byte[] frames = Wire.crypto(from, Arrays.copyOfRange(message, from, to));
        return Wire.initial(version, FIRST, FIRST, number, frames);
    }

    /** RFC 9001 A.2 and RFC 9369 A.2. */
    @Test
    void masksAreThoseOfTheStandards() {
        assertThat(
                        QuicKeys.derive(Version.V1, FIRST)
                                .mask(Wire.hex("d1b1c98dd7689fb8ec11d242b123dc9b")))
                .startsWith(Wire.hex("437b9aec36"));
        assertThat(
                        QuicKeys.derive(Version.V2, FIRST)
                                .mask(Wire.hex("ffe67b6abcdb4298b485dd04de806071")))
                .startsWith(Wire.hex("94a0c95e80"));
    }

    @ParameterizedTest
    @ValueSource(ints = {V1, V2})
    void readsTheNameInOneDatagram(int version) {
        Sighting seen = see(part(version, 0, 0, message.length)).orElseThrow();
        assertThat(seen.host()).isEqualTo("chat.test");
        assertThat(seen.flow().datagrams()).isTrue();
        assertThat(see(part(version, 1, 0, message.length))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {V1, V2})
    void framesOutOfOrderOverTwoDatagrams(int version) {
        int a = message.length / 3;
        int b = 2 * a;
        byte[] later =
                Wire.join(
                        new byte[] {1, 0, 0}, // PING, PADDING
                        Wire.crypto(b, Arrays.copyOfRange(message, b, message.length)),
                        Wire.crypto(0, Arrays.copyOfRange(message, 0, a)));
        assertThat(see(Wire.initial(version, FIRST, FIRST, 1, later))).isEmpty();
        assertThat(see(part(version, 0, a, b))).isPresent();
    }

    @Test
    void coalescedWithWhatIsNoInitial() {
        byte[] zeroRtt = Wire.join(Wire.hex("d0000000010000"), Wire.hex("05"), new byte[5]);
        byte[] initial = part(V1, 0, 0, message.length);
        assertThat(see(Wire.join(zeroRtt, initial))).isPresent();
    }

    @Test
    void afterARetryTheKeysAreNew() {
        assertThat(see(part(V1, 0, 0, 50))).isEmpty();
        byte[] all = Wire.crypto(0, message);
        assertThat(see(Wire.initial(V1, SECOND, SECOND, 1, all))).isPresent();
    }

    @Test
    void theServersIdLeavesTheKeys() {
        assertThat(see(part(V1, 0, 0, 50))).isEmpty();
        byte[] rest = Wire.crypto(50, Arrays.copyOfRange(message, 50, message.length));
        assertThat(see(Wire.initial(V1, FIRST, SECOND, 1, rest))).isPresent();
    }

    @Test
    void anotherHostIsForgottenThereAndThen() {
        byte[] other = Wire.crypto(0, Wire.message("bank.test"));
        assertThat(see(Wire.initial(V1, FIRST, FIRST, 0, other))).isEmpty();
        assertThat(watch.remembered()).isEmpty();
    }

    @Test
    void unknownVersionsAreCountedAndNothingElse() {
        assertThat(see(Wire.hex("c0babababa0800000000000000000000"))).isEmpty();
        assertThat(watch.unreadQuic()).isEqualTo(1);
        assertThat(watch.remembered()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {V1, V2})
    void everyTruncationAndEveryFlippedByteIsNothing(int version) {
        byte[] whole = part(version, 0, 0, message.length);
        for (int n = 0; n < whole.length; n++) {
            assertThat(see(Arrays.copyOf(whole, n))).isEmpty();
        }
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x5A;
            assertThat(see(flipped)).as("byte %d", at).isEmpty();
        }
        assertThat(watch.remembered()).isEmpty();
        assertThat(see(whole)).isPresent();
    }

    @Test
    void framesThatLieAreNoException() {
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] frames = new byte[40];
            random.nextBytes(frames);
            frames[0] = (byte) (i % 8);
            byte[] packet = Wire.initial(V1, FIRST, FIRST, i, frames);
            assertThatCode(() -> see(packet)).doesNotThrowAnyException();
        }
        // CRYPTO at 2^62 - 1, and an ACK of 2^62 - 1 ranges
        assertThat(see(Wire.initial(V1, FIRST, FIRST, 1, Wire.hex("06ffffffffffffffff0141"))))
                .isEmpty();
        assertThat(see(Wire.initial(V1, FIRST, FIRST, 1, Wire.hex("020000ffffffffffffffff00"))))
                .isEmpty();
    }

    @Test
    void junkIsNoException() {
        Random random = new Random(4);
        for (int i = 0; i < 100_000; i++) {
            byte[] junk = new byte[random.nextInt(60)];
            random.nextBytes(junk);
            if (junk.length > 5) {
                junk[0] |= (byte) 0x80;
                System.arraycopy(Wire.hex("00000001"), 0, junk, 1, 4);
            }
            assertThatCode(() -> QuicInitial.split(ByteBuffer.wrap(junk)))
                    .doesNotThrowAnyException();
        }
        byte[] large = new byte[1 << 20];
        random.nextBytes(large);
        large[0] = (byte) 0xC0;
        assertThat(see(large)).isEmpty();
        assertThat(watch.held()).isZero();
    }
}
