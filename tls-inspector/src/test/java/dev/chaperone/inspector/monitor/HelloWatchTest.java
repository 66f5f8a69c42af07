// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HelloWatchTest {
    private static final String WATCHED = "chat.test";
    private static final int PORT = 40000;
    private static final int ISN = -3; // sequence numbers wrap in the middle of each hello
    private static final byte[] NOTHING = {};
    private static final WatchedHosts HOSTS = new WatchedHosts(List.of(WATCHED, "*.ai.test"));

    private final HelloWatch watch = new HelloWatch(() -> HOSTS);
    private final byte[] hello = Wire.hello(WATCHED);

    private Optional<Sighting> see(Packet packet) {
        return watch.see(packet, 0);
    }

    private void open() {
        assertThat(see(Wire.segment(PORT, ISN, Wire.SYN, NOTHING))).isEmpty();
    }

    private static Packet piece(byte[] bytes, int from, int to) {
        return Wire.segment(PORT, ISN + 1 + from, Wire.ACK, Arrays.copyOfRange(bytes, from, to));
    }

    @Test
    void tellsAWatchedHostOnceWhateverIsSentAgain() {
        open();
        Sighting seen = see(piece(hello, 0, hello.length)).orElseThrow();
        assertThat(seen.host()).isEqualTo(WATCHED);
        assertThat(seen.flow()).isEqualTo(Wire.flow(PORT));
        assertThat(see(piece(hello, 0, hello.length))).isEmpty();
        open();
        assertThat(see(piece(hello, 0, hello.length))).isEmpty();
    }

    @Test
    void thePortsNextConnectionIsAnother() {
        open();
        assertThat(see(piece(hello, 0, hello.length))).isPresent();
        assertThat(see(Wire.segment(PORT, ISN + 999, Wire.FIN, NOTHING))).isEmpty();
        assertThat(see(Wire.segment(PORT, 5000, Wire.SYN, NOTHING))).isEmpty();
        assertThat(see(Wire.segment(PORT, 5001, Wire.ACK, hello))).isPresent();
    }

    @Test
    void twoSegmentsCutAnywhereInEitherOrder() {
        for (int cut = 1; cut < hello.length; cut++) {
            for (boolean swapped : new boolean[] {false, true}) {
                HelloWatch fresh = new HelloWatch(() -> HOSTS);
                List<Packet> pieces =
                        Arrays.asList(piece(hello, 0, cut), piece(hello, cut, hello.length));
                if (swapped) {
                    Collections.reverse(pieces);
                }
                assertThat(fresh.see(Wire.segment(PORT, ISN, Wire.SYN, NOTHING), 0)).isEmpty();
                assertThat(fresh.see(pieces.get(0), 0)).isEmpty();
                assertThat(fresh.see(pieces.get(1), 0)).as("cut at %d", cut).isPresent();
            }
        }
    }

    @Test
    void smallPiecesShuffledDoubledAndOverlapping() {
        Random random = new Random(9);
        for (int round = 0; round < 50; round++) {
            HelloWatch fresh = new HelloWatch(() -> HOSTS);
            List<Packet> pieces = new ArrayList<>();
            for (int at = 0; at < hello.length; at += 10) {
                pieces.add(piece(hello, at, Math.min(hello.length, at + 13)));
                pieces.add(piece(hello, at, Math.min(hello.length, at + 10)));
            }
            Collections.shuffle(pieces, random);
            Optional<Sighting> first = fresh.see(Wire.segment(PORT, ISN, Wire.SYN, NOTHING), 0);
            assertThat(first).isEmpty();
            long told = pieces.stream().filter(p -> fresh.see(p, 0).isPresent()).count();
            assertThat(told).isEqualTo(1);
        }
    }

    @Test
    void severalRecords() {
        byte[] message = Wire.message(WATCHED);
        byte[] records = {};
        for (int at = 0; at < message.length; at += 50) {
            byte[] part = Arrays.copyOfRange(message, at, Math.min(message.length, at + 50));
            records = Wire.join(records, new byte[] {22, 3, 1, 0, (byte) part.length}, part);
        }
        open();
        assertThat(see(piece(records, 0, 77))).isEmpty();
        assertThat(see(piece(records, 77, records.length))).isPresent();
    }

    @Test
    void aConnectionThatIsOlderThanTheMonitor() {
        assertThat(see(piece(hello, 0, 100))).isEmpty();
        assertThat(see(piece(hello, 100, hello.length))).isPresent();
    }

    @Test
    void dataInTheSyn() {
        assertThat(see(Wire.segment(PORT, ISN, Wire.SYN, hello))).isPresent();
    }

    @Test
    void anotherHostIsForgottenThereAndThen() {
        byte[] other = Wire.hello("bank.test");
        open();
        assertThat(see(piece(other, 0, 60))).isEmpty();
        assertThat(watch.remembered()).hasSize(1);
        assertThat(see(piece(other, 60, other.length))).isEmpty();
        assertThat(watch.remembered()).isEmpty();
        assertThat(watch.held()).isZero();
    }

    @Test
    void whatIsNoHelloIsForgotten() {
        open();
        assertThat(see(Wire.segment(PORT, ISN + 1, Wire.ACK, new byte[] {'G', 'E'}))).isEmpty();
        assertThat(watch.remembered()).isEmpty();
        assertThat(see(Wire.segment(PORT, 1, Wire.ACK, new byte[] {23, 3, 3, 0, 9}))).isEmpty();
        assertThat(watch.remembered()).isEmpty();
    }

    @Test
    void suffixesWatchWhatIsBelowThem() {
        assertThat(HOSTS.hold("a.b.ai.test")).isTrue();
        assertThat(HOSTS.hold("ai.test")).isFalse();
        assertThat(HOSTS.hold("xai.test")).isFalse();
        assertThat(HOSTS.hold("chat.test.evil")).isFalse();
    }

    @Test
    void memoryIsBoundedInConnectionsBytesAndTime() {
        byte[] most = new byte[Reassembly.MAX_BYTES - 10];
        System.arraycopy(hello, 0, most, 0, 3);
        most[3] = (byte) 0x40;
        for (int port = 1; port < 5000; port++) {
            assertThat(see(Wire.segment(port, 0, Wire.ACK, most))).isEmpty();
            assertThat(watch.held()).isLessThanOrEqualTo(HelloWatch.MAX_HELD + 3 * most.length);
        }
        for (int port = 1; port < 20_000; port++) {
            assertThat(see(Wire.segment(port, 0, Wire.SYN, NOTHING))).isEmpty();
        }
        assertThat(watch.remembered()).hasSizeLessThanOrEqualTo(HelloWatch.MAX_OPEN);
        for (int port = 1; port < 20_000; port++) {
            assertThat(see(Wire.segment(port, 1, Wire.ACK, hello))).isPresent();
        }
        assertThat(watch.remembered())
                .hasSizeLessThanOrEqualTo(HelloWatch.MAX_OPEN + HelloWatch.MAX_TOLD);
        long later = Duration.ofHours(1).toNanos();
        assertThat(watch.see(Wire.segment(1, 9, Wire.ACK, NOTHING), later)).isEmpty();
        assertThat(watch.remembered()).isEmpty();
        assertThat(watch.held()).isZero();
    }

    @Test
    void everyFlippedByteOfAHelloIsATellingOrNone() {
        Random random = new Random(5);
        for (int at = 0; at < hello.length; at++) {
            byte[] flipped = hello.clone();
            flipped[at] ^= (byte) (1 + random.nextInt(255));
            int port = at + 1;
            var _ = see(Wire.segment(port, ISN, Wire.SYN, NOTHING));
            var _ = see(Wire.segment(port, ISN + 1, Wire.ACK, flipped));
        }
        byte[] junk = new byte[1 << 20];
        random.nextBytes(junk);
        junk[0] = 22;
        junk[1] = 3;
        assertThat(see(Wire.segment(PORT, 0, Wire.ACK, junk))).isEmpty();
        assertThat(watch.held()).isLessThan(HelloWatch.MAX_HELD);
    }

    @Test
    void linesOfSightingsAreReadBackAndNothingElse() {
        open();
        Sighting seen = see(piece(hello, 0, hello.length)).orElseThrow();
        assertThat(Sighting.parse(seen.line())).contains(seen);
        for (String lie :
                List.of(
                        "seen tcp chat.test host.test 1 192.0.2.2 443 plain",
                        "seen tcp chat.test 192.0.2.1 0 192.0.2.2 443 plain",
                        "seen tcp chat.test 192.0.2.1 99999 192.0.2.2 443 plain",
                        "seen tcp -chat 192.0.2.1 1 192.0.2.2 443 plain",
                        "seen tcp ../x 192.0.2.1 1 192.0.2.2 443 plain",
                        "seen tcp chat.test",
                        "")) {
            assertThat(Sighting.parse(lie)).as(lie).isEmpty();
        }
    }

    @Test
    void bulkIsMutedUntilThePortIsOpenedAnew() {
        BulkFlows bulk = new BulkFlows();
        boolean changed = false;
        for (int sent = 0; sent <= BulkFlows.BULK; sent += 1000) {
            changed |= bulk.count(Wire.segment(PORT, sent, Wire.ACK, new byte[1000]));
        }
        assertThat(changed).isTrue();
        assertThat(CaptureFilter.text(bulk.muted()))
                .contains(" and not (src port 40000 and dst host 192.0.2.2)");
        assertThat(bulk.count(Wire.segment(PORT, 0, Wire.SYN, NOTHING))).isTrue();
        assertThat(bulk.muted()).isEmpty();
        for (int port = 1; port < 1000; port++) {
            var _ = bulk.count(Wire.segment(port, 0, Wire.ACK, new byte[BulkFlows.BULK]));
        }
        assertThat(bulk.muted()).hasSize(BulkFlows.MAX_MUTED);
    }

    @Test
    void aReassemblyOfManyTinyPiecesIsGivenUp() {
        Reassembly bytes = new Reassembly();
        int taken = 0;
        while (bytes.add(taken, ByteBuffer.wrap(new byte[1]))) {
            taken++;
        }
        assertThat(taken).isBetween(100, 1000);
        assertThat(bytes.add(Long.MAX_VALUE / 2, ByteBuffer.wrap(new byte[1]))).isFalse();
    }
}
