// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was changed on this machine, and how to take it back: one JSON object a line, {@code +}
 * before a change is made, {@code -} once it is undone, each forced to the disk before anything
 * else happens. Readable and writable by root only. Not thread-safe; one process at a time has it.
 */
public final class UndoLedger implements AutoCloseable {
    /**
     * A change that stands.
     *
     * @param step which step made it
     * @param change what was changed
     */
    public record Entry(String step, Change change) {}

    /** A line of the file. */
    private record Line(
            String op, @Nullable String step, @Nullable Change change, @Nullable String key) {}

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** A repair takes seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final String FILE = "ledger.jsonl";

    private final Path folder;
    private final FileChannel channel;
    private final Map<String, Entry> standing = new LinkedHashMap<>();

    private UndoLedger(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Opens the ledger of a folder, making both when they are not there.
     *
     * @throws LedgerBusyException when another process has had it for a minute
     * @throws IOException in one line, when it cannot be written or is damaged other than in its
     *     last line
     */
    public static UndoLedger open(Path folder) throws IOException {
        makePrivate(folder);
        makePrivate(folder.resolve("backup"));
        FileChannel channel =
                FileChannel.open(
                        folder.resolve(FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            if (PatientLock.on(channel, PATIENCE).isEmpty()) {
                throw new LedgerBusyException();
            }
            UndoLedger ledger = new UndoLedger(folder, channel);
            ledger.read();
            return ledger;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The changes of a folder's ledger that stand, oldest first, without taking it. */
    public static List<Entry> peek(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            UndoLedger ledger = new UndoLedger(folder, channel);
            ledger.load();
            return ledger.standing();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static void makePrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    folder.toAbsolutePath().getParent() == null
                            ? folder
                            : folder.toAbsolutePath().getParent());
            Files.createDirectory(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Reads what is there; a last line that was cut off while it was written never took effect. */
    private void read() throws IOException {
        long whole = load();
        channel.truncate(whole);
        channel.position(whole);
    }

    private long load() throws IOException {
        byte[] bytes = new byte[(int) channel.size()];
        ByteBuffer into = ByteBuffer.wrap(bytes);
        while (into.hasRemaining() && channel.read(into) >= 0) {
            // until all is read
        }
        int start = 0;
        int number = 1;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                take(new String(bytes, start, i - start, StandardCharsets.UTF_8), number);
                start = i + 1;
                number++;
            }
        }
        return start;
    }

    private void take(String text, int number) throws IOException {
        try {
            Line line = JSON.readValue(text, Line.class);
            if (line.op().equals("+") && line.change() != null && line.step() != null) {
                standing.put(line.change().key(), new Entry(line.step(), line.change()));
            } else if (line.op().equals("-") && line.key() != null) {
                standing.remove(line.key());
            } else {
                throw new IOException("neither + nor -");
            }
        } catch (JacksonException | IOException e) {
            throw new IOException(
                    folder.resolve(FILE)
                            + ":"
                            + number
                            + ": not an entry of the undo ledger; nothing was changed. Restore the file from a backup, or move it away and"
                            + " undo by hand what it lists");
        }
    }

    /** Says that a change is about to be made. Durable when this returns. */
    void before(String step, Change change) throws IOException {
        append(new Line("+", step, change, null));
        standing.put(change.key(), new Entry(step, change));
    }

    /**
     * Says that a change was undone. What a full disk does not take is undone once more by the next
     * removal, which changes nothing then; none waits for room.
     */
    void undone(Change change) {
        Entry ignored = standing.remove(change.key());
        try {
            append(new Line("-", null, null, change.key()));
        } catch (IOException e) {
            // As said above.
        }
    }

    /** The changes that stand, oldest first. */
    public List<Entry> standing() {
        return new ArrayList<>(standing.values());
    }

    @Nullable Change standing(String key) {
        Entry entry = standing.get(key);
        return entry == null ? null : entry.change();
    }

    boolean holds(Change change) {
        return standing.containsKey(change.key());
    }

    private void append(Line line) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap(
                        (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        long end = channel.position();
        try {
            while (bytes.hasRemaining()) {
                int written = channel.write(bytes);
                assert written >= 0;
            }
            channel.force(true);
        } catch (IOException e) {
            // The next entry must not stand behind half a line.
            channel.truncate(end);
            throw e;
        }
    }

    /**
     * Keeps a copy of a file, with owner and mode, durable when this returns.
     *
     * @return the copy's name
     */
    String keep(Path file) throws IOException {
        String name = UUID.randomUUID().toString();
        Path copy = folder.resolve("backup").resolve(name);
        FileCopies.copy(file, copy);
        return name;
    }

    Path backup(String name) {
        return folder.resolve("backup").resolve(name);
    }

    /** Name of the copy that a change's undo needs, or null. */
    static @Nullable String backup(Change change) {
        return switch (change) {
            case Change.FileWritten file -> file.backup();
            case Change.KeysMerged keys -> keys.backup();
            case Change.KeystoreCertificate keystore -> keystore.backup();
            default -> null;
        };
    }

    void forget(String backup) throws IOException {
        Files.deleteIfExists(backup(backup));
    }

    /** Removes the ledger itself once nothing stands. */
    public void removeIfEmpty() throws IOException {
        if (!standing.isEmpty()) {
            return;
        }
        try (var left = Files.list(folder.resolve("backup"))) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder.resolve("backup"));
        Files.delete(folder.resolve(FILE));
        Files.delete(folder);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
