// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite in WAL mode with {@code synchronous=FULL}. One writer, a platform thread (a native call
 * would pin a virtual one), with a bounded queue before it: what waits when a commit ends is
 * committed together, so that a disk flush serves many. When a group fails, each of its works is
 * run alone, and only the one that fails is refused. Readers have connections and threads of their
 * own; WAL lets them read while the writer writes.
 */
public final class SqliteStorage implements Storage {
    private static final int QUEUE = 256;
    private static final int GROUP = 32;
    private static final int READERS = 3;
    private static final Duration BUSY = Duration.ofSeconds(5);
    private static final int FULL = 2;

    private record Op<T>(Work<T> work, CompletableFuture<T> done) {
        /** Runs the work; the future is completed by the returned action, after commit. */
        Runnable run(Connection connection) throws SQLException {
            T result = work.run(connection);
            return () -> done.complete(result);
        }
    }

    private final BlockingQueue<Op<?>> queue = new ArrayBlockingQueue<>(QUEUE);
    private final HikariDataSource readers;
    private final ExecutorService readerThreads =
            Executors.newFixedThreadPool(
                    READERS, Thread.ofPlatform().name("reader-", 0).daemon(true).factory());
    private final Connection connection;
    private final Thread writer;
    private volatile boolean closing;

    private SqliteStorage(Path file) throws SQLException, IOException {
        this.connection = source(file).getConnection();
        requireDurable(connection);
        this.readers = readers(source(file));
        this.writer = Thread.ofPlatform().name("writer").daemon(true).start(this::writeAll);
    }

    /**
     * Opens or makes the database and brings its schema up to date.
     *
     * @throws IOException when it cannot be opened, is of a later version, or is not durable
     */
    public static SqliteStorage open(Path file) throws IOException {
        loadLibrary();
        try {
            Flyway.configure()
                    .dataSource(source(file))
                    .locations("classpath:dev/chaperone/server/store/sqlite")
                    .load()
                    .migrate();
            return new SqliteStorage(file);
        } catch (SQLException e) {
            throw new IOException("the database cannot be opened: SQLite code " + e.getErrorCode());
        } catch (FlywayException e) {
            throw new IOException(
                    "the database's schema cannot be brought up to date; it may come from a later"
                            + " version");
        }
    }

    /** The driver says only that there is none; it unpacks the library to load it. */
    private static void loadLibrary() throws IOException {
        try {
            boolean ignored = SQLiteJDBCLoader.initialize();
        } catch (Exception e) { // declared so
            throw new IOException(
                    "SQLite's library cannot be unpacked into "
                            + System.getProperty("java.io.tmpdir")
                            + " and loaded from there (is it full, or mounted noexec?); name another folder:"
                            + " JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER",
                    e);
        }
    }

    private static SQLiteDataSource source(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout((int) BUSY.toMillis());
        config.enforceForeignKeys(true);
        config.setCacheSize(-4096); // KiB, a connection
        config.setJournalSizeLimit(32 << 20);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    private static HikariDataSource readers(SQLiteDataSource source) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setPoolName("readers");
        config.setMaximumPoolSize(READERS);
        config.setMinimumIdle(0);
        config.setAutoCommit(false);
        return new HikariDataSource(config);
    }

    /** What the database promises is asked, not believed: a driver may drop a setting. */
    private static void requireDurable(Connection c) throws SQLException, IOException {
        if (Sql.number(c, "PRAGMA synchronous") != FULL
                || !Sql.first(c, "PRAGMA journal_mode", r -> r.getString(1))
                        .filter("wal"::equals)
                        .isPresent()) {
            throw new IOException("the database does not promise durable commits");
        }
    }

    @Override
    public <T> T write(Work<T> work) throws InterruptedException {
        Op<T> op = new Op<>(work, new CompletableFuture<>());
        if (closing) {
            throw StorageException.closed();
        }
        if (!queue.offer(op)) {
            throw StorageException.overloadedNow();
        }
        if (closing && !writer.isAlive() && queue.remove(op)) {
            throw StorageException.closed(); // it came after the writer's last look
        }
        return await(op.done());
    }

    @Override
    public <T> T read(Work<T> work) throws InterruptedException {
        try {
            return await(readerThreads.submit(reading(work)));
        } catch (RejectedExecutionException e) {
            throw StorageException.closed();
        }
    }

    private <T> Callable<T> reading(Work<T> work) {
        return () -> {
            try (Connection c = readers.getConnection()) {
                try {
                    return work.run(c);
                } finally {
                    c.rollback();
                }
            }
        };
    }

    private static <T> T await(Future<T> done) throws InterruptedException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case SQLException failed -> throw StorageException.of(failed);
                case StorageException failed -> throw failed;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException("a work failed", e);
            }
        }
    }

    // ---- the writer's thread

    private void writeAll() {
        List<Op<?>> group = new ArrayList<>();
        while (!closing || !queue.isEmpty()) {
            try {
                Op<?> first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    group.add(first);
                    queue.drainTo(group, GROUP - 1);
                    write(group);
                }
            } catch (InterruptedException e) {
                break;
            } finally {
                group.clear();
            }
        }
    }

    private void write(List<Op<?>> group) {
        List<Runnable> afterwards = new ArrayList<>(group.size());
        try {
            // By hand: the driver would open the next transaction at once. IMMEDIATE: one that
            // reads before it writes would not wait for somebody else's lock, but fail.
            execute("begin immediate");
            if (!run(group, afterwards)) {
                return;
            }
            execute("commit");
        } catch (SQLException e) {
            // Locked by somebody else for too long, or the disk fails: it is nobody's fault.
            rollback();
            group.forEach(op -> op.done().completeExceptionally(e));
            return;
        }
        afterwards.forEach(Runnable::run);
    }

    /** False when a work failed, and each was run alone. */
    private boolean run(List<Op<?>> group, List<Runnable> afterwards) {
        try {
            for (Op<?> op : group) {
                afterwards.add(op.run(connection));
            }
            return true;
        } catch (SQLException | RuntimeException e) {
            rollback();
            if (group.size() == 1) {
                group.getFirst().done().completeExceptionally(e);
            } else {
                group.forEach(op -> write(List.of(op)));
            }
            return false;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement s = connection.createStatement()) {
            s.execute(sql);
        }
    }

    private void rollback() {
        try {
            execute("rollback");
        } catch (SQLException e) {
            // None was open, or the disk fails: then the next work meets the same and is refused.
        }
    }

    /** Commits what waits and closes. */
    @Override
    public void close() {
        closing = true;
        readerThreads.shutdown();
        try {
            writer.join(BUSY);
            Op<?> late;
            while ((late = queue.poll()) != null) {
                late.done().completeExceptionally(StorageException.closed());
            }
            readers.close();
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            // Everything that was answered is committed; WAL recovers the rest.
        }
    }
}
