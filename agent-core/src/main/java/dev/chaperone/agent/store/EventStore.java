// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.event.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Events on the device (DESIGN §4.4): SQLite in WAL mode with {@code synchronous=FULL}, one writer
 * on a platform thread, a bounded queue before it. {@link #commit} returns when the event is
 * durable; {@link #append} when it has its place in the queue, to be committed within 50 ms
 * together with its neighbours. Sequence numbers are reserved in durable blocks: a block that was
 * not used up before a crash becomes a counted loss record, never a silent gap. Thread-safe.
 */
public final class EventStore implements AutoCloseable {
    private static final int QUEUE = 4096;
    private static final Duration GROUP = Duration.ofMillis(50);
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** About 100 MB. */
    private static final long MOST_WAITING = 200_000;

    /** Events between two looks at the bounds. */
    private static final int BETWEEN_LOOKS = 2000;

    private static final Duration LOOK_EVERY = Duration.ofHours(1);

    /** The queue is full or the disk does not take writes: the rule's fail verdict is due. */
    public static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }

    /**
     * @param taken set by whoever settles it: the writer that writes it, or a caller that gave up
     */
    private record Op(
            @Nullable Event event,
            @Nullable UUID repeated,
            CompletableFuture<Void> done,
            boolean urgent,
            AtomicBoolean taken) {
        static Op of(Event event, boolean urgent) {
            return new Op(event, null, new CompletableFuture<>(), urgent, new AtomicBoolean());
        }

        boolean take() {
            return taken.compareAndSet(false, true);
        }
    }

    private final BlockingQueue<Op> queue = new ArrayBlockingQueue<>(QUEUE);
    private final EventCipher cipher;
    private final EventJson json = new EventJson();
    private final Connection connection;
    private final Thread writer;
    private final AtomicLong refused = new AtomicLong();
    private final EventNumbers numbers;
    private final EventRetention retention;
    private long sinceLook = BETWEEN_LOOKS; // the first batch looks
    private long lookedAt;
    private volatile boolean closing;
    private volatile boolean finished;
    private volatile @Nullable String broken;
    private volatile Runnable committed = () -> {};

    /** {@link System#nanoTime} from which a broken store takes events again, to try the disk. */
    private volatile long retryAt;

    /** Opens or makes {@code events.db} in the data folder. */
    public EventStore(Path dataDir, KeyVault vault) throws IOException {
        this(dataDir, vault, MOST_WAITING);
    }

    EventStore(Path dataDir, KeyVault vault, long mostWaiting) throws IOException {
        this.retention = new EventRetention(mostWaiting);
        this.cipher = EventCipher.open(vault);
        SqliteLibrary.load();
        try {
            this.connection =
                    DriverManager.getConnection("jdbc:sqlite:" + dataDir.resolve("events.db"));
            EventSchema.prepare(connection);
            this.numbers = EventNumbers.open(connection, dataDir);
        } catch (SQLException e) {
            throw new IOException(
                    "the event store cannot be opened: SQLite code " + e.getErrorCode(), e);
        }
        this.writer = Thread.ofPlatform().name("event-writer").daemon(true).start(this::write);
    }

    /**
     * Puts an event in the queue.
     *
     * @throws Unavailable when the queue is full or the store is broken
     */
    public void append(Event event) throws Unavailable {
        enqueue(Op.of(event, false));
    }

    /**
     * Makes an event durable; blocks until it is.
     *
     * @throws Unavailable when it could not be made durable in time
     */
    public void commit(Event event) throws Unavailable, InterruptedException {
        Op op = Op.of(event, true);
        enqueue(op);
        if (!settled(op)) {
            // It must not be stored later: it would tell of an effect that was given up.
            if (op.take()) {
                lose(op);
            } else if (durable(op)) {
                return; // it was being written
            }
            throw new Unavailable("the event could not be made durable");
        }
    }

    private boolean settled(Op op) throws InterruptedException {
        try {
            return durable(op);
        } catch (InterruptedException e) {
            if (op.take()) { // the client left: what was decided has no effect any more
                lose(op);
            }
            throw e;
        }
    }

    private static boolean durable(Op op) throws InterruptedException {
        try {
            op.done().get(COMMIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** Raises the counter of an event whose content was seen again. */
    public void repeat(UUID id) throws Unavailable {
        enqueue(new Op(null, id, new CompletableFuture<>(), false, new AtomicBoolean()));
    }

    /** Runs after each commit, on the writer's thread: it must return at once. */
    public void onCommit(Runnable listener) {
        committed = listener;
    }

    private void enqueue(Op op) throws Unavailable {
        if (op.event() != null) {
            numbers.accept();
        }
        boolean resting = broken != null && System.nanoTime() - retryAt < 0;
        boolean refused = resting || closing || !queue.offer(op);
        // The writer may have looked for the last time before this one was there.
        if (refused || finished && queue.remove(op)) {
            lose(op);
            throw new Unavailable("the event queue is full or the store is broken");
        }
    }

    // ---- the writer's thread

    private void write() {
        List<Op> batch = new ArrayList<>();
        while (true) {
            try {
                Op first = queue.poll(200, TimeUnit.MILLISECONDS);
                if (first == null) {
                    if (finished) {
                        finish();
                        return;
                    }
                    finished = closing;
                    idle();
                    continue;
                }
                batch.add(first);
                gather(batch);
                store(batch);
            } catch (InterruptedException e) {
                return;
            } catch (SQLException e) {
                // A full or failing disk: whoever waits gets the fail verdict, who comes within the
                // pause gets it at once, and what was only queued is counted as lost.
                retryAt = System.nanoTime() + PAUSE.toNanos();
                broken = "SQLite code " + e.getErrorCode();
                rollback();
                batch.forEach(op -> failed(op, e));
            } finally {
                batch.clear();
            }
        }
    }

    /** What is due though nothing is to be written: what went wrong before, and what is old. */
    private void idle() throws SQLException {
        boolean due = numbers.owes() || System.nanoTime() - lookedAt > LOOK_EVERY.toNanos();
        if (due && (broken == null || System.nanoTime() - retryAt >= 0)) {
            store(new ArrayList<>());
        }
    }

    private void gather(List<Op> batch) throws InterruptedException {
        long until = System.nanoTime() + GROUP.toNanos();
        while (batch.size() < QUEUE && !batch.getLast().urgent() && !closing) {
            Op next = queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                return;
            }
            batch.add(next);
        }
        queue.drainTo(batch, QUEUE);
    }

    private void lose(Op op) {
        refused.incrementAndGet();
        if (op.event() != null) {
            numbers.owe();
        }
    }

    private void failed(Op op, Exception why) {
        lose(op);
        op.done().completeExceptionally(why);
    }

    private void store(List<Op> batch) throws SQLException {
        batch.removeIf(op -> op.event() != null && !op.take()); // its caller gave up
        try {
            // By hand: a full disk makes SQLite roll back by itself, and the driver, which would
            // open the next transaction after its own rollback, never does again.
            execute("BEGIN IMMEDIATE");
            numbers.begun();
            write(batch);
            look(batch.size());
            execute("COMMIT");
            numbers.committed();
        } catch (SQLException e) {
            numbers.rolledBack();
            throw e;
        }
        broken = null;
        batch.forEach(op -> op.done().complete(null));
        committed.run();
    }

    private void look(int events) throws SQLException {
        sinceLook += events;
        if (sinceLook >= BETWEEN_LOOKS || System.nanoTime() - lookedAt > LOOK_EVERY.toNanos()) {
            retention.run(connection, numbers.epoch(), Instant.now());
            sinceLook = 0;
            lookedAt = System.nanoTime();
        }
    }

    private void write(List<Op> batch) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(EventSchema.INSERT);
                PreparedStatement repeat = connection.prepareStatement(EventSchema.REPEAT)) {
            for (Op op : batch) {
                if (op.event() != null) {
                    insert(insert, op.event());
                } else if (op.repeated() != null) {
                    repeat.setString(1, op.repeated().toString());
                    repeat.executeUpdate();
                }
            }
        }
    }

    private void insert(PreparedStatement insert, Event unnumbered) throws SQLException {
        Event event = unnumbered.numbered(numbers.epoch(), numbers.next());
        insert.setLong(1, event.epoch());
        insert.setLong(2, event.seq());
        insert.setString(3, event.id().toString());
        insert.setLong(4, event.at().toEpochMilli());
        insert.setString(5, event.service());
        insert.setString(6, event.action().id());
        insert.setString(7, event.outcome().name());
        insert.setInt(8, event.repeats());
        insert.setBytes(
                9, cipher.seal(json.write(event), EventReader.associated(event.id().toString())));
        insert.setString(10, event.user());
        insert.setInt(11, event.findings().size());
        insert.setInt(12, event.notInspected().size());
        insert.executeUpdate();
    }

    private void rollback() {
        try {
            execute("ROLLBACK");
        } catch (SQLException e) {
            // None was open: SQLite rolls back by itself when the disk is full.
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement s = connection.createStatement()) {
            s.execute(sql);
        }
    }

    /** Events refused because the queue was full or the disk failed, since start. */
    public long refused() {
        return refused.get();
    }

    /** Why the store does not take events now; empty when it does. */
    public Optional<String> broken() {
        return Optional.ofNullable(broken);
    }

    /** Value of {@code PRAGMA synchronous} on the writer's connection; 2 is FULL. */
    public int synchronous() throws IOException {
        try (Statement s = connection.createStatement();
                ResultSet row = s.executeQuery("PRAGMA synchronous")) {
            return row.next() ? row.getInt(1) : -1;
        } catch (SQLException e) {
            throw new IOException(
                    "the event store cannot be read: SQLite code " + e.getErrorCode(), e);
        }
    }

    private void finish() {
        try {
            execute("BEGIN IMMEDIATE");
            numbers.begun();
            numbers.finish();
            execute("COMMIT");
            connection.close();
        } catch (SQLException e) {
            // The reserved block stays open: the next start counts what is lost, as far as it is
            // known.
        }
    }

    /** Writes what is queued and closes; what takes longer than five seconds goes on by itself. */
    @Override
    public void close() {
        closing = true;
        try {
            boolean ignored = writer.join(COMMIT_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
