// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What files held before we changed them. An entry is on the disk before its change is made, and
 * goes after the change was taken back: a process killed anywhere between leaves nothing that
 * {@code undo} would not find. One file an entry, readable by the person only, since it holds the
 * person's configuration. One process at a time.
 */
final class UndoLedger {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long MAX_FILE = 16L << 20;
    private static final String NEW_FILE_MODE = "rw-r--r--";

    private final Path folder;
    private final Path home;

    /**
     * One change.
     *
     * @param file absolute, links resolved
     * @param existed whether the file was there
     * @param mode POSIX permissions, as {@code ls} writes them
     * @param before its bytes in Base64; empty when it was not there
     * @param after SHA-256 of what we made of it
     * @param madeFolders folders made for it, outermost first
     * @param temporary beside the file, while it is written
     */
    record Entry(
            String file,
            boolean existed,
            String mode,
            String before,
            String after,
            List<String> madeFolders,
            String temporary,
            Edit edit) {
        Path path() {
            return Path.of(file);
        }

        byte[] bytes() {
            return Base64.getDecoder().decode(before);
        }
    }

    /** How an entry was taken back. */
    enum Result {
        RESTORED,
        ONLY_OURS_REMOVED,
        NOTHING_OF_OURS_LEFT
    }

    /** What {@code undo} says of a file. */
    record Undone(Path file, Result result) {}

    /**
     * @param folder where entries are kept; made when needed
     * @param home nothing that belongs to another user than this folder is changed
     */
    UndoLedger(Path folder, Path home) {
        this.folder = folder;
        this.home = home;
    }

    /**
     * Makes a change, after its entry is on the disk.
     *
     * @return the entry's number; empty when the file needs no change
     * @throws TrustException when it cannot be made; nothing is changed then
     */
    Optional<Integer> apply(Path file, Edit edit) throws TrustException {
        try {
            Optional<Plan> plan = plan(file, edit);
            if (plan.isEmpty()) {
                return Optional.empty();
            }
            int number = record(plan.get().entry());
            perform(plan.get());
            return Optional.of(number);
        } catch (TrustException e) {
            throw new TrustException(file + " " + e.getMessage());
        } catch (IOException e) {
            throw new TrustException(file + " cannot be written; make it writable and try again");
        }
    }

    /** A change and what it makes of the file; a key store is not made twice the same. */
    private record Plan(Entry entry, Supplier<byte[]> after) {}

    private Optional<Plan> plan(Path file, Edit edit) throws TrustException, IOException {
        boolean existed = Files.exists(file);
        if (!existed && Files.isSymbolicLink(file)) {
            throw new TrustException("is a link to nothing; mend it and try again");
        }
        Path real = existed ? file.toRealPath() : file.toAbsolutePath();
        requireOurs(real, existed);
        byte[] before = existed ? Files.readAllBytes(real) : new byte[0];
        byte[] after = edit.apply(before);
        if (existed && Arrays.equals(before, after)) {
            return Optional.empty();
        }
        String mode =
                existed
                        ? PosixFilePermissions.toString(Files.getPosixFilePermissions(real))
                        : NEW_FILE_MODE;
        Path parent = parent(real);
        Entry entry =
                new Entry(
                        real.toString(),
                        existed,
                        mode,
                        Base64.getEncoder().encodeToString(before),
                        sum(after),
                        DurableFile.missing(parent).stream().map(Path::toString).toList(),
                        parent.resolve("." + real.getFileName() + ".chaperone-new").toString(),
                        edit);
        return Optional.of(new Plan(entry, () -> after));
    }

    private void requireOurs(Path real, boolean existed) throws TrustException, IOException {
        Path there = existed ? real : parent(real);
        while (!Files.exists(there)) {
            there = parent(there);
        }
        if (!Files.getOwner(there).equals(Files.getOwner(home))) {
            throw new TrustException(
                    "belongs to another user; run this as that user, or change it by hand");
        }
        if (existed && (!Files.isRegularFile(real) || Files.size(real) > MAX_FILE)) {
            throw new TrustException("is no file that can be edited; look at it");
        }
        Path into = existed ? parent(real) : there;
        if (existed && !Files.isWritable(real) || !Files.isWritable(into)) {
            throw new TrustException("cannot be written; make it and its folder writable");
        }
    }

    /** Puts an entry on the disk and returns its number. */
    int record(Entry entry) throws IOException {
        DurableFile.makeFolders(folder);
        int number = numbers().stream().mapToInt(n -> n).max().orElse(0) + 1;
        DurableFile.write(file(number), JSON.writeValueAsBytes(entry));
        return number;
    }

    /** {@link #apply} in two steps, for the test of a crash between them. */
    Optional<Integer> recordOnly(Path file, Edit edit) throws TrustException, IOException {
        Optional<Plan> plan = plan(file, edit);
        return plan.isPresent() ? Optional.of(record(plan.get().entry())) : Optional.empty();
    }

    private static void perform(Plan plan) throws IOException {
        Entry entry = plan.entry();
        DurableFile.makeFolders(parent(entry.path()));
        DurableFile.replace(
                entry.path(),
                Path.of(entry.temporary),
                plan.after().get(),
                PosixFilePermissions.fromString(entry.mode));
    }

    boolean isEmpty() {
        return numbers().isEmpty();
    }

    /** Takes one change back, the last that was made. */
    Undone undo(int number) throws TrustException {
        Entry entry = read(number);
        try {
            Result result = takeBack(entry);
            DurableFile.delete(file(number));
            return new Undone(entry.path(), result);
        } catch (TrustException e) {
            throw new TrustException(entry.file + " " + e.getMessage());
        } catch (IOException e) {
            throw new TrustException(
                    entry.file + " cannot be restored; make it writable and try again");
        }
    }

    /**
     * Takes every change back, the last one first.
     *
     * @throws TrustException at the first that cannot be; those before it are taken back, it and
     *     the rest stay in the ledger
     */
    List<Undone> undoAll() throws TrustException {
        List<Undone> undone = new ArrayList<>();
        for (int number : numbers().reversed()) {
            undone.add(undo(number));
        }
        return undone;
    }

    private static Result takeBack(Entry entry) throws IOException, TrustException {
        Path file = entry.path();
        Files.deleteIfExists(Path.of(entry.temporary));
        if (!Files.exists(file)) {
            deleteEmpty(entry.madeFolders);
            return entry.existed ? Result.NOTHING_OF_OURS_LEFT : Result.RESTORED;
        }
        byte[] current = Files.readAllBytes(file);
        if (entry.existed && Arrays.equals(current, entry.bytes())) {
            return Result.RESTORED; // killed before the change, or after it was taken back
        }
        if (sum(current).equals(entry.after)) {
            restore(entry);
            return Result.RESTORED;
        }
        Optional<byte[]> without = entry.edit.remove(current);
        if (without.isEmpty()) {
            return Result.NOTHING_OF_OURS_LEFT;
        }
        DurableFile.replace(
                file, Path.of(entry.temporary), without.get(), Files.getPosixFilePermissions(file));
        return Result.ONLY_OURS_REMOVED;
    }

    private static void restore(Entry entry) throws IOException {
        if (entry.existed) {
            DurableFile.replace(
                    entry.path(),
                    Path.of(entry.temporary),
                    entry.bytes(),
                    PosixFilePermissions.fromString(entry.mode));
        } else {
            DurableFile.delete(entry.path());
            deleteEmpty(entry.madeFolders);
        }
    }

    /** Innermost first; a folder that holds something by now stays. */
    static void deleteEmpty(List<String> folders) throws IOException {
        for (String name : folders.reversed()) {
            Path made = Path.of(name);
            if (Files.isDirectory(made)) {
                try (Stream<Path> inside = Files.list(made)) {
                    if (inside.findAny().isPresent()) {
                        return;
                    }
                }
                DurableFile.delete(made);
            }
        }
    }

    /** The files of all entries, for people. */
    List<Path> files() throws TrustException {
        List<Path> files = new ArrayList<>();
        for (int number : numbers()) {
            files.add(read(number).path());
        }
        return files.stream().distinct().toList();
    }

    private Entry read(int number) throws TrustException {
        try {
            return JSON.readValue(Files.readAllBytes(file(number)), Entry.class);
        } catch (IOException | JacksonException e) {
            throw new TrustException(
                    file(number) + " cannot be read; what it would restore is not touched");
        }
    }

    private List<Integer> numbers() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(p -> p.getFileName().toString())
                    .filter(n -> n.matches("\\d+\\.json"))
                    .map(n -> Integer.valueOf(n.substring(0, n.length() - ".json".length())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private Path file(int number) {
        return folder.resolve(number + ".json");
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        return parent == null ? file : parent;
    }

    private static String sum(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
