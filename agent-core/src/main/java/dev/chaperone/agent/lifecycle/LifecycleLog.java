// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.lifecycle;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.os.WholeFile;
import dev.chaperone.installer.PatientLock;
import dev.chaperone.model.sync.LifecycleEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The lifecycle log of a data folder: {@code lifecycle.jsonl}, one line an entry, each with the
 * hash of the one before; where it ends is kept in the key vault. Only ever appended to, but for
 * lines whose time is over. Several processes may write (the agent, {@code enroll}, {@code
 * machine}); each append is durable when it returns. Thread-safe.
 */
public final class LifecycleLog {
    /** As long as on the server. */
    private static final Duration KEEP = Duration.ofDays(180);

    private static final String FILE = "lifecycle.jsonl";
    private static final String LOCK = "lifecycle.lock";
    private static final int TRIES = 5;

    /** An append takes a moment; one who keeps the lock must not hold up a removal. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** One process's writers take turns here; a file lock is held by the whole process. */
    private static final Object TURN = new Object();

    private final Path folder;
    private final Path file;
    private final KeyVault vault;
    private final InstantSource clock;

    public LifecycleLog(Path folder, KeyVault vault, InstantSource clock) {
        this.folder = folder;
        this.file = folder.resolve(FILE);
        this.vault = vault;
        this.clock = clock;
    }

    /** A line of the file as it is; empty when it is no entry. */
    private record Line(int number, Optional<LifecycleEntry> entry) {}

    /**
     * What a look at the whole log found.
     *
     * @param entries how many it holds
     * @param head number of the last one
     * @param headHash its hash
     * @param broken the first thing that does not fit, one line; empty when all does
     */
    public record Verification(long entries, long head, String headHash, Optional<String> broken) {}

    /**
     * Where the log ends.
     *
     * @param n number of the last entry; 0 for none
     * @param hash its hash
     */
    public record Head(long n, String hash) {}

    private interface Change<T> {
        T make() throws IOException;
    }

    private <T> T alone(Change<T> change) throws IOException {
        synchronized (TURN) {
            try (FileChannel channel =
                            FileChannel.open(
                                    folder.resolve(LOCK),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock =
                            PatientLock.on(channel, PATIENCE)
                                    .orElseThrow(() -> new IOException("somebody keeps " + LOCK))) {
                assert lock.isValid();
                return change.make();
            }
        }
    }

    /** Appends an entry. */
    public LifecycleEntry append(String kind, String detail, String by) throws IOException {
        return alone(() -> appendAlone(kind, detail, by));
    }

    /**
     * Appends an entry; that it cannot be kept holds up nothing: a disk that takes nothing is told
     * by other means.
     *
     * @return false when it could not be kept
     */
    public boolean record(String kind, String detail, String by) {
        try {
            LifecycleEntry ignored = append(kind, detail, by);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Records a state, unless the last entry of its kind says the same already. */
    public void recordChange(String kind, String detail, String by) {
        try {
            boolean ignored =
                    alone(() -> {
                        Optional<LifecycleEntry> last = last(List.of(kind));
                        if (last.isPresent() && last.get().detail().equals(detail)) {
                            return false;
                        }
                        LifecycleEntry appended = appendAlone(kind, detail, by);
                        return appended.n() > 0;
                    });
        } catch (IOException e) {
            // As above.
        }
    }

    /** Records a start, and before it that the last run ended without a stop. */
    public void recordStart(String detail, String by) {
        try {
            Optional<LifecycleEntry> last = last(List.of("start", "stop", "killed", "watchdog"));
            if (last.isPresent() && last.get().kind().matches("start|watchdog")) {
                String hung = last.get().kind().equals("watchdog") ? ", after it hung" : "";
                boolean ignored =
                        record("killed", "no stop since " + last.get().at() + hung, "system");
            }
        } catch (IOException e) {
            // That the log cannot be read is told by doctor.
        }
        boolean ignored = record("start", detail, by);
    }

    private Optional<LifecycleEntry> last(List<String> kinds) throws IOException {
        return entries().stream().filter(e -> kinds.contains(e.kind())).reduce((_, later) -> later);
    }

    private LifecycleEntry appendAlone(String kind, String detail, String by) throws IOException {
        List<Line> lines = lines();
        Optional<LifecycleEntry> tail = lines.isEmpty() ? Optional.empty() : lines.getLast().entry;
        Seal seal = sealFor(tail);
        LifecycleEntry entry =
                LifecycleEntry.sealed(
                        seal.head() + 1, clock.instant(), kind, detail, by, seal.headHash());
        write(entry);
        seal = seal.upTo(entry);
        seal.write(vault);
        drop(lines, seal);
        return entry;
    }

    private Seal sealFor(Optional<LifecycleEntry> tail) throws IOException {
        Optional<Seal> kept = Seal.read(vault);
        if (kept.isEmpty()) {
            return tail.map(Seal.NONE::upTo).orElse(Seal.NONE);
        }
        return tail.isPresent() && kept.get().isFollowedBy(tail.get())
                ? kept.get().upTo(tail.get())
                : kept.get();
    }

    private void write(LifecycleEntry entry) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            channel.position(cut(channel));
            ByteBuffer bytes =
                    ByteBuffer.wrap(
                            (JSON.writeValueAsString(entry) + "\n")
                                    .getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                int written = channel.write(bytes);
                assert written >= 0;
            }
            channel.force(true);
        }
    }

    /** A last line without its end was cut off while it was written and never counted. */
    private static long cut(FileChannel channel) throws IOException {
        long size = channel.size();
        ByteBuffer one = ByteBuffer.allocate(1);
        long at = size;
        while (at > 0) {
            one.clear();
            int read = channel.read(one, at - 1);
            if (read == 1 && one.get(0) == '\n') {
                break;
            }
            at--;
        }
        if (at < size) {
            FileChannel ignored = channel.truncate(at);
        }
        return at;
    }

    /** What is older than it may be; the seal first, so that a crash between leaves no gap. */
    private void drop(List<Line> lines, Seal seal) throws IOException {
        Instant limit = clock.instant().minus(KEEP);
        Optional<LifecycleEntry> last = Optional.empty();
        for (Line line : lines) {
            if (line.entry.isEmpty() || !line.entry.get().at().isBefore(limit)) {
                break;
            }
            last = line.entry;
        }
        if (last.isEmpty() || last.get().n() <= seal.base()) {
            return;
        }
        seal.from(last.get()).write(vault);
        long base = last.get().n();
        StringBuilder rest = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            Optional<LifecycleEntry> entry = parse(line);
            if (entry.isEmpty() || entry.get().n() > base) {
                rest.append(line).append('\n');
            }
        }
        // Forced first: a name for what a power cut takes would be a log cut off.
        WholeFile.replace(file, rest.toString().getBytes(StandardCharsets.UTF_8));
    }

    private List<Line> lines() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        // Bytes that are no UTF-8 must not hide the rest.
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        List<Line> lines = new ArrayList<>();
        int start = 0;
        int end;
        while ((end = text.indexOf('\n', start)) >= 0) {
            lines.add(new Line(lines.size() + 1, parse(text.substring(start, end))));
            start = end + 1;
        }
        return lines;
    }

    private static Optional<LifecycleEntry> parse(String line) {
        try {
            LifecycleEntry entry = JSON.readValue(line, LifecycleEntry.class);
            return entry == null
                            || entry.at() == null
                            || entry.kind() == null
                            || entry.detail() == null
                            || entry.by() == null
                            || entry.previous() == null
                            || entry.hash() == null
                    ? Optional.empty()
                    : Optional.of(entry);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Every line that can be read, oldest first, tampered with or not. */
    public List<LifecycleEntry> entries() throws IOException {
        return lines().stream().map(Line::entry).flatMap(Optional::stream).toList();
    }

    /**
     * Walks the chain, from where it may begin to where it must end. Takes no lock: whoever looks
     * may not be who writes, and leaves nothing behind.
     */
    public Verification verify() throws IOException {
        Optional<Seal> before = Seal.read(vault);
        for (int tried = 1; ; tried++) {
            Verification found = verified(lines(), before);
            Optional<Seal> after = Seal.read(vault);
            if (found.broken().isEmpty() || after.equals(before) || tried == TRIES) {
                return found;
            }
            before = after; // something was appended meanwhile
        }
    }

    private static Verification verified(List<Line> lines, Optional<Seal> kept) {
        if (kept.isEmpty()) {
            return new Verification(
                    lines.size(),
                    0,
                    LifecycleEntry.GENESIS,
                    lines.isEmpty()
                            ? Optional.empty()
                            : Optional.of("its seal is missing in the key vault"));
        }
        Seal seal = kept.get();
        long n = seal.base();
        String hash = seal.baseHash();
        Optional<String> broken = Optional.empty();
        for (Line line : lines) {
            Optional<String> problem = problem(line, n, hash, seal);
            if (problem.isPresent()) {
                broken = problem;
                break;
            }
            LifecycleEntry entry = line.entry.orElseThrow();
            if (entry.n() > seal.base()) {
                n = entry.n();
                hash = entry.hash();
            }
        }
        if (broken.isEmpty() && n < seal.head()) {
            broken = Optional.of("entries " + (n + 1) + " to " + seal.head() + " are missing");
        } else if (broken.isEmpty() && n == seal.head() && !hash.equals(seal.headHash())) {
            broken = Optional.of("entry " + n + " is not the one that was sealed");
        }
        return new Verification(lines.size(), seal.head(), seal.headHash(), broken);
    }

    private static Optional<String> problem(Line line, long n, String hash, Seal seal) {
        if (line.entry.isEmpty()) {
            return Optional.of("line " + line.number + " is no entry");
        }
        LifecycleEntry entry = line.entry.get();
        if (entry.n() <= seal.base()) {
            return Optional.empty(); // dropped after its time; a crash left the line
        }
        if (!entry.holds()) {
            return Optional.of("line " + line.number + " was changed");
        }
        if (entry.n() != n + 1) {
            return Optional.of(
                    "entry "
                            + entry.n()
                            + " stands in line "
                            + line.number
                            + " instead of "
                            + (n + 1));
        }
        if (!entry.previous().equals(hash)) {
            return Optional.of("line " + line.number + " does not follow the one before");
        }
        if (entry.n() > seal.head() && !seal.isFollowedBy(entry)) {
            return Optional.of("line " + line.number + " was added behind the end");
        }
        return Optional.empty();
    }

    /** Where the log ends. */
    public Head head() throws IOException {
        Seal seal = Seal.read(vault).orElse(Seal.NONE);
        return new Head(seal.head(), seal.headHash());
    }

    /**
     * Begins anew after a break that was looked into: what is there is kept aside, and the new
     * file's first entry follows the sealed end.
     *
     * @return the file aside; empty when there was none
     */
    public Optional<Path> acceptBreak(String by) throws IOException {
        return alone(() -> {
            Seal seal = Seal.read(vault).orElse(Seal.NONE);
            Optional<Path> aside = Optional.empty();
            if (Files.exists(file)) {
                Path kept =
                        file.resolveSibling(
                                "lifecycle-broken-" + clock.instant().toEpochMilli() + ".jsonl");
                aside = Optional.of(Files.move(file, kept));
            }
            new Seal(seal.head(), seal.headHash(), seal.head(), seal.headHash()).write(vault);
            LifecycleEntry ignored = appendAlone("break-accepted", "", by);
            return aside;
        });
    }
}
