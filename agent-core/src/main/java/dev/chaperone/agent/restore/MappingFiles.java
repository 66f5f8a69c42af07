// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.restore.RestoreStore.Conversation;
import dev.chaperone.agent.restore.RestoreStore.Entry;
import dev.chaperone.agent.store.EventCipher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Mappings on the disk: one file a conversation, of mode 0600, named by an HMAC and sealed with
 * AES-GCM under a key of the vault. Written and deleted by a thread of its own, so that no prompt
 * waits for the disk. Thread-safe.
 */
final class MappingFiles implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MappingFiles.class.getName());
    private static final String KEY_NAME = "restore-key";
    private static final String NAME_KEY = "restore-name-key";
    private static final int NAME_BYTES = 16;
    private static final byte[] DELETED = new byte[0];

    private final Path folder;
    private final FileKeyVault disk;
    private final EventCipher cipher;
    private final SecretKeySpec nameKey;
    private final ScheduledExecutorService writer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("restore-writer").factory());

    /** What is still to be written, newest only, or deleted where empty; guarded by itself. */
    private final Map<String, byte[]> waiting = new LinkedHashMap<>();

    /** Held while a file is written or deleted. */
    final Object file = new Object();

    private int unreadable;
    private boolean failing;

    private MappingFiles(Path folder, EventCipher cipher, byte[] nameKey) throws IOException {
        this.folder = folder;
        this.disk = new FileKeyVault(folder);
        this.cipher = cipher;
        this.nameKey = new SecretKeySpec(nameKey, "HmacSHA256");
    }

    static MappingFiles open(Path folder, KeyVault vault) throws IOException {
        Optional<byte[]> known = vault.get(NAME_KEY);
        byte[] nameKey = known.orElseGet(() -> new byte[32]);
        if (known.isEmpty()) {
            new SecureRandom().nextBytes(nameKey);
            vault.put(NAME_KEY, nameKey);
        }
        return new MappingFiles(folder, EventCipher.open(vault, KEY_NAME), nameKey);
    }

    /** The files of a folder that was used before; makes neither folder nor key. */
    static Optional<MappingFiles> existing(Path folder, KeyVault vault) throws IOException {
        return Files.isDirectory(folder)
                        && vault.get(NAME_KEY).isPresent()
                        && vault.get(KEY_NAME).isPresent()
                ? Optional.of(open(folder, vault))
                : Optional.empty();
    }

    int unreadable() {
        return unreadable;
    }

    /** All that is on the disk; what is not ours or was changed is deleted, counted and said. */
    Map<Conversation, Entry> readAll() throws IOException {
        Map<Conversation, Entry> entries = new HashMap<>();
        for (Path path : all()) {
            MappingForm.Read read = read(path);
            if (read != null) {
                entries.put(read.conversation(), read.entry());
            } else {
                unreadable++;
                Files.deleteIfExists(path);
            }
        }
        if (unreadable > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "CHP-STO-002: {0} placeholder mappings could not be read and were deleted",
                    unreadable);
        }
        return entries;
    }

    /** What can be read; changes nothing. */
    Map<Conversation, Entry> readOnly() throws IOException {
        Map<Conversation, Entry> entries = new HashMap<>();
        for (Path path : all()) {
            MappingForm.Read read = read(path);
            if (read != null) {
                entries.put(read.conversation(), read.entry());
            }
        }
        return entries;
    }

    /** Deletes every file, readable or not. */
    void deleteAll() throws IOException {
        for (Path path : all()) {
            Files.deleteIfExists(path);
        }
    }

    /** Deletes a mapping while nothing else writes. */
    void deleteNow(Conversation conversation) throws IOException {
        Files.deleteIfExists(folder.resolve(name(conversation)));
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.toList();
        }
    }

    private MappingForm.@Nullable Read read(Path path) {
        String name = String.valueOf(path.getFileName());
        MappingForm.Read read = read(name);
        return read != null && name(read.conversation()).equals(name) ? read : null;
    }

    private MappingForm.@Nullable Read read(String name) {
        try {
            return disk.get(name)
                    .flatMap(sealed -> cipher.open(sealed, associated(name)))
                    .map(MappingForm::read)
                    .orElse(null);
        } catch (IOException e) {
            return null; // a folder, or a file that cannot be read: not ours
        }
    }

    /** Writes a mapping soon, without the values that must not be on a disk. */
    void write(Conversation conversation, Entry entry) {
        String name = name(conversation);
        later(name, cipher.seal(MappingForm.write(conversation, entry), associated(name)));
    }

    /** Deletes a mapping soon. */
    void delete(Conversation conversation) {
        later(name(conversation), DELETED);
    }

    private void later(String name, byte[] content) {
        synchronized (waiting) {
            waiting.put(name, content);
            if (!writer.isShutdown()) {
                writer.execute(this::doNext);
            }
        }
    }

    /** Returns when what was to be written or deleted is. */
    void flush() {
        synchronized (file) {
            int left;
            synchronized (waiting) {
                left = waiting.size();
            }
            for (; left > 0; left--) {
                doNext();
            }
        }
    }

    /** Runs something on the writer's thread, first after a period, until the files are closed. */
    void repeat(Duration period, Runnable task) {
        writer.scheduleWithFixedDelay(
                task, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void doNext() {
        synchronized (file) {
            Map.Entry<String, byte[]> next;
            synchronized (waiting) {
                if (waiting.isEmpty()) {
                    return;
                }
                String name = waiting.keySet().iterator().next();
                next = Map.entry(name, waiting.remove(name));
            }
            try {
                if (next.getValue().length == 0) {
                    Files.deleteIfExists(folder.resolve(next.getKey()));
                } else {
                    disk.put(next.getKey(), next.getValue());
                }
                failing = false;
            } catch (IOException e) {
                sayOnce(e);
            }
        }
    }

    private void sayOnce(IOException e) {
        if (!failing) {
            failing = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "CHP-STO-003: a placeholder mapping could not be written or deleted ({0})",
                    e.getClass().getSimpleName());
        }
    }

    private String name(Conversation conversation) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(nameKey);
            String text =
                    conversation.uid() + "\0" + conversation.service() + "\0" + conversation.id();
            byte[] all = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(all, 0, NAME_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
    }

    private static byte[] associated(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        synchronized (waiting) {
            writer.shutdown();
        }
        try {
            if (!writer.awaitTermination(5, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        flush();
    }
}
