// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.restore.Mapping.Value;
import dev.chaperone.agent.restore.RestoreStore.Conversation;
import dev.chaperone.agent.restore.RestoreStore.Entry;
import dev.chaperone.inspector.Restoration;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreStoreTest {
    private static final String KEY = "tok_" + "Zz9".repeat(8);

    /** A network's test number, in groups. */
    private static final String CARD = String.join(" ", "4000", "0566", "5566", "5556");

    private static final Conversation MINE = new Conversation(1000, "service", "conversation-1");
    private static final Mapping MAPPING =
            new Mapping(
                    Map.of(
                            new Value("SECRET", KEY), "[SECRET-1]",
                            new Value("CREDIT_CARD", CARD), "[CREDIT_CARD-3]",
                            new Value("CUSTOM", "no. " + CARD), "[CUSTOM-1]"),
                    Map.of("SECRET", 1, "CREDIT_CARD", 3, "CUSTOM", 1),
                    Set.of("SECRET_9"));

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-28T10:00:00Z"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private RestoreStore open() throws IOException {
        return RestoreStore.open(folder, new FileKeyVault(folder.resolve("keys")), now::get);
    }

    private static void keep(RestoreStore store, Conversation conversation) {
        store.put(conversation, MAPPING);
        store.keep(conversation);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("restore"))) {
            return all.toList();
        }
    }

    @Test
    void aKeptMappingSurvivesARestartButForCards() throws IOException {
        try (RestoreStore store = open()) {
            keep(store, MINE);
            store.put(new Conversation(1000, "service", "not kept"), MAPPING);
            assertThat(store.get(MINE).values(Set.of())).hasSize(3);
        }
        try (RestoreStore store = open()) {
            Mapping back = store.get(MINE);
            assertThat(back.values(Set.of())).containsExactly(Map.entry("[SECRET-1]", KEY));
            assertThat(back.last()).as("no number is given out twice").isEqualTo(MAPPING.last());
            assertThat(back.typed()).isEqualTo(MAPPING.typed());
            assertThat(store.count(1000)).as("the card was never on the disk").isEqualTo(1);
            assertThat(store.unreadable()).isZero();
        }
    }

    @Test
    void noFileHoldsAValueOrAnIdInClear() throws IOException {
        try (RestoreStore store = open()) {
            keep(store, MINE);
        }
        List<Path> all;
        try (Stream<Path> walked = Files.walk(folder)) {
            all = walked.filter(Files::isRegularFile).toList();
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(3);
        for (Path file : all) {
            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            for (String secret : List.of(KEY, CARD, CARD.replace(" ", ""), MINE.id())) {
                for (String form : forms(secret)) {
                    assertThat(content).as(file.toString()).doesNotContain(form);
                    assertThat(file.toString()).doesNotContain(form);
                }
            }
        }
        assertThat(Files.getPosixFilePermissions(files().getFirst()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    private static List<String> forms(String secret) {
        List<String> forms = new ArrayList<>();
        for (Charset charset :
                List.of(
                        StandardCharsets.UTF_8,
                        StandardCharsets.UTF_16LE,
                        StandardCharsets.UTF_16BE)) {
            byte[] bytes = secret.getBytes(charset);
            forms.add(new String(bytes, StandardCharsets.ISO_8859_1));
            forms.add(HexFormat.of().formatHex(bytes));
            forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
            for (int shift = 0; shift < 3; shift++) {
                byte[] shifted = new byte[bytes.length + shift];
                System.arraycopy(bytes, 0, shifted, shift, bytes.length);
                String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
                forms.add(base64.substring(shift == 0 ? 0 : 4, base64.length() - 2));
            }
        }
        forms.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
        return forms;
    }

    @Test
    void aMappingEndsTwelveHoursAfterItsLastUse() throws IOException {
        try (RestoreStore store = open()) {
            keep(store, MINE);
            now.set(now.get().plus(Duration.ofHours(11)));
            assertThat(store.get(MINE).placeholders()).isNotEmpty();
            now.set(now.get().plus(Duration.ofHours(11)));
        }
        try (RestoreStore store = open()) {
            assertThat(store.get(MINE).placeholders()).as("used 11 hours ago").isNotEmpty();
            now.set(now.get().plus(Duration.ofHours(13)));
            assertThat(store.get(MINE).placeholders()).isEmpty();
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void theOldestGoesWhenThereAreTooMany() throws IOException {
        try (RestoreStore store = open()) {
            for (int i = 0; i <= RestoreStore.MAX_CONVERSATIONS; i++) {
                store.put(new Conversation(1000, "service", "c" + i), MAPPING);
            }
            assertThat(store.get(new Conversation(1000, "service", "c0")).placeholders()).isEmpty();
            assertThat(store.get(new Conversation(1000, "service", "c1")).placeholders())
                    .isNotEmpty();
        }
    }

    @Test
    void aUserForgetsTheirOwnAndNobodyElses() throws IOException {
        Conversation theirs = new Conversation(1001, "service", MINE.id());
        try (RestoreStore store = open()) {
            keep(store, MINE);
            keep(store, theirs);
            store.putTurn(5, 1000, MAPPING);
            store.expect(5, 1000, new Restoration(Map.of("[SECRET-1]", KEY), false));
            store.expect(6, 1001, new Restoration(Map.of("[SECRET-1]", KEY), false));
            assertThat(store.count(1000)).as("values, each once").isEqualTo(3);
            assertThat(store.forget(1000)).isEqualTo(3);
            assertThat(files()).hasSize(1);
            assertThat(store.count(1000)).isZero();
            assertThat(store.get(MINE).placeholders()).isEmpty();
            assertThat(store.expected(5).isEmpty()).isTrue();
            assertThat(store.expected(6).isEmpty()).isFalse();
            assertThat(store.get(theirs).placeholders()).isNotEmpty();
        }
        assertThat(files()).hasSize(1);
        try (RestoreStore store = open()) {
            assertThat(store.get(MINE).placeholders()).isEmpty();
            assertThat(store.count(1001)).isEqualTo(1);
        }
    }

    @Test
    void whatEndedIsDeletedThoughNobodyAsks() throws Exception {
        try (RestoreStore store =
                RestoreStore.open(
                        folder,
                        new FileKeyVault(folder.resolve("keys")),
                        now::get,
                        Duration.ofMillis(20))) {
            keep(store, MINE);
            until(() -> files().size() == 1);
            now.set(now.get().plus(Duration.ofHours(13)));
            until(() -> files().isEmpty());
        }
        try (RestoreStore store = open()) {
            keep(store, MINE);
            now.set(now.get().plus(Duration.ofHours(13)));
        }
        assertThat(files()).as("at the latest when the agent ends").isEmpty();
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void nobodyWaitsForTheDiskWhenAMappingIsDropped() throws Exception {
        MappingFiles files =
                MappingFiles.open(
                        folder.resolve("restore"), new FileKeyVault(folder.resolve("keys")));
        Entry entry = new Entry(MAPPING, now.get(), now.get(), true);
        files.write(MINE, entry);
        files.flush();
        assertThat(files()).hasSize(1);
        synchronized (files.file) { // as while the writer waits for the disk
            CompletableFuture.runAsync(() -> files.delete(MINE)).get(10, TimeUnit.SECONDS);
            assertThat(files()).hasSize(1);
        }
        files.flush();
        assertThat(files()).isEmpty();
        files.close();
    }

    @Test
    void withoutAnAgentTheDiskIsCountedAndForgotten() throws IOException {
        FileKeyVault vault = new FileKeyVault(folder.resolve("keys"));
        assertThat(RestoreStore.countOnDisk(folder, vault, -1)).isZero();
        assertThat(RestoreStore.forgetOnDisk(folder, vault, -1)).isZero();
        assertThat(folder.resolve("restore")).doesNotExist();
        assertThat(folder.resolve("keys")).isEmptyDirectory();
        try (RestoreStore store = open()) {
            keep(store, MINE);
            keep(store, new Conversation(1000, "service", "other"));
            keep(store, new Conversation(1001, "service", "theirs"));
        }
        assertThat(RestoreStore.countOnDisk(folder, vault, 1000)).isEqualTo(1);
        assertThat(RestoreStore.countOnDisk(folder, vault, 7)).isZero();
        assertThat(RestoreStore.forgetOnDisk(folder, vault, 1000)).isEqualTo(1);
        assertThat(RestoreStore.countOnDisk(folder, vault, 1000)).isZero();
        assertThat(files()).hasSize(1);
        Files.writeString(folder.resolve("restore").resolve("damaged"), "x");
        assertThat(RestoreStore.forgetOnDisk(folder, vault, -1)).isEqualTo(1);
        assertThat(files()).isEmpty();
    }

    @Test
    void whatIsDamagedOrNotOursIsDeletedAndCounted() throws IOException {
        try (RestoreStore store = open()) {
            keep(store, MINE);
            keep(store, new Conversation(1000, "service", "other"));
        }
        Path damaged = files().getFirst();
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        Files.write(damaged, bytes);
        Files.writeString(folder.resolve("restore").resolve("note.txt"), "not ours");
        Files.write(folder.resolve("restore").resolve("empty"), new byte[0]);
        // A whole file under another conversation's name is not taken for it.
        Files.copy(files().getLast(), folder.resolve("restore").resolve("0".repeat(32)));
        try (RestoreStore store = open()) {
            assertThat(store.unreadable()).isGreaterThanOrEqualTo(3);
            assertThat(store.count(1000)).isLessThanOrEqualTo(2);
        }
        try (RestoreStore store = open()) {
            assertThat(store.unreadable()).isZero();
        }
    }

    @Test
    void aConversationNamedByItsAnswerIsKept() throws IOException {
        try (RestoreStore store = open()) {
            store.putTurn(5, 1000, MAPPING);
            store.expect(5, 1000, new Restoration(Map.of("[SECRET-1]", KEY), false));
            store.answered(5, "service", MINE.id());
            assertThat(store.expected(5).isEmpty()).isTrue();
        }
        try (RestoreStore store = open()) {
            assertThat(store.get(MINE).values(Set.of())).containsKey("[SECRET-1]");
        }
    }
}
