// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.sync.LifecycleEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleLogTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private Instant now = Instant.parse("2026-11-25T10:00:00Z");

    @SuppressWarnings("NullAway.Init") // before each
    private KeyVault vault;

    @SuppressWarnings("NullAway.Init") // before each
    private LifecycleLog log;

    @BeforeEach
    void fourEntries() throws Exception {
        vault = new FileKeyVault(folder.resolve("keys"));
        log = new LifecycleLog(folder, vault, () -> now);
        for (String kind : List.of("start", "policy", "stop", "start")) {
            LifecycleEntry entry = log.append(kind, "x", "system");
            assertThat(entry.holds()).isTrue();
        }
    }

    private Path file() {
        return folder.resolve("lifecycle.jsonl");
    }

    private Optional<String> broken() throws Exception {
        return log.verify().broken();
    }

    @Test
    void untouchedLogIsUnbroken() throws Exception {
        assertThat(broken()).isEmpty();
        assertThat(log.verify().entries()).isEqualTo(4);
        assertThat(log.head().n()).isEqualTo(4);
    }

    @Test
    void everyByteThatIsChangedIsFound() throws Exception {
        byte[] good = Files.readAllBytes(file());
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            Files.write(file(), bad);
            assertThat(broken()).as("byte " + i).isPresent();
        }
        Files.write(file(), good);
        assertThat(broken()).isEmpty();
    }

    @Test
    void lineThatIsDroppedIsFoundWherever() throws Exception {
        List<String> lines = Files.readAllLines(file());
        for (int i = 0; i < lines.size(); i++) {
            List<String> less = new ArrayList<>(lines);
            String dropped = less.remove(i);
            Files.write(file(), less);
            assertThat(broken()).as(dropped).isPresent();
        }
        Files.delete(file());
        assertThat(broken()).as("the whole file").contains("entries 1 to 4 are missing");
    }

    @Test
    void breakIsStillFoundAfterTheNextStart() throws Exception {
        List<String> lines = Files.readAllLines(file());
        Files.write(file(), lines.subList(0, 2));
        log.recordStart("again", "system");
        assertThat(broken()).contains("entry 5 stands in line 3 instead of 3");
    }

    @Test
    void forgedTailIsFound() throws Exception {
        LifecycleEntry last = log.entries().getLast();
        String forged = Files.readAllLines(file()).getLast().replace(last.hash(), "0".repeat(64));
        Files.writeString(file(), forged + "\n", StandardOpenOption.APPEND);
        assertThat(broken()).isPresent();
    }

    @Test
    void rolledBackFileIsFoundAndRolledBackSealToo() throws Exception {
        byte[] file = Files.readAllBytes(file());
        byte[] seal = Files.readAllBytes(folder.resolve("keys/lifecycle-head"));
        for (int i = 0; i < 2; i++) {
            LifecycleEntry ignored = log.append("stop", "", "system");
        }
        byte[] later = Files.readAllBytes(file());
        Files.write(file(), file);
        assertThat(broken()).contains("entries 5 to 6 are missing");
        Files.write(file(), later);
        Files.write(folder.resolve("keys/lifecycle-head"), seal);
        assertThat(broken()).isPresent();
    }

    /** A crash between the line and its seal, or within the line, is no tampering. */
    @Test
    void crashWhileWritingIsNoBreak() throws Exception {
        byte[] seal = Files.readAllBytes(folder.resolve("keys/lifecycle-head"));
        LifecycleEntry torn = log.append("stop", "", "system");
        Files.write(folder.resolve("keys/lifecycle-head"), seal);
        assertThat(broken()).isEmpty();
        LifecycleEntry next = log.append("start", "", "system");
        assertThat(next.previous()).isEqualTo(torn.hash());
        Files.writeString(file(), "{\"n\":7,\"at", StandardOpenOption.APPEND);
        assertThat(broken()).isEmpty();
        assertThat(log.append("stop", "", "system").n()).isEqualTo(7);
        assertThat(broken()).isEmpty();
    }

    @Test
    void startWithoutAStopBeforeSaysKilled() throws Exception {
        log.recordStart("second", "uid 7");
        assertThat(log.entries())
                .extracting(LifecycleEntry::kind)
                .containsExactly("start", "policy", "stop", "start", "killed", "start");
        boolean stopped = log.record("stop", "clean", "system");
        assertThat(stopped).isTrue();
        log.recordStart("third", "uid 7");
        assertThat(log.entries().getLast().kind()).isEqualTo("start");
        assertThat(log.entries().get(7).kind()).isEqualTo("start");
    }

    @Test
    void stateThatStaysIsRecordedOnce() throws Exception {
        log.recordChange("policy", "v2", "system");
        log.recordChange("policy", "v2", "system");
        assertThat(log.entries()).hasSize(5);
    }

    @Test
    void linesGoAfterTheirTimeAndTheRestHolds() throws Exception {
        now = now.plus(Duration.ofDays(181));
        LifecycleEntry ignored = log.append("stop", "", "system");
        assertThat(log.entries()).extracting(LifecycleEntry::n).containsExactly(5L);
        assertThat(broken()).isEmpty();
        Files.delete(file());
        assertThat(broken()).isPresent();
    }

    @Test
    void acceptedBreakIsKeptAsideAndTheChainGoesOn() throws Exception {
        Files.writeString(file(), "nonsense\n");
        assertThat(broken()).isPresent();
        Path aside = log.acceptBreak("uid 1").orElseThrow();
        assertThat(aside).hasContent("nonsense");
        assertThat(broken()).isEmpty();
        assertThat(log.entries()).extracting(LifecycleEntry::n).containsExactly(5L);
        LifecycleEntry next = log.append("start", "", "system");
        assertThat(next.n()).isEqualTo(6);
        assertThat(broken()).isEmpty();
    }

    /** Another JVM, since a process never waits for a lock of its own. */
    @Test
    void whoKeepsTheLockHoldsNothingUp() throws Exception {
        assertThat(log.record("start", "", "test")).isTrue();
        Path source = folder.resolve("Holder.java");
        Files.writeString(
                source,
                """
                import java.nio.channels.FileChannel;
                import java.nio.file.*;
                class Holder {
                    public static void main(String[] args) throws Exception {
                        try (var file = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
                            file.lock();
                            System.out.println("locked");
                            System.in.read();
                        }
                    }
                }
                """);
        Process holder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                source.toString(),
                                folder.resolve("lifecycle.lock").toString())
                        .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("locked");
            assertThat(log.record("stop", "", "test")).as("said, not waited for").isFalse();
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(log.record("stop", "", "test")).isTrue();
    }
}
