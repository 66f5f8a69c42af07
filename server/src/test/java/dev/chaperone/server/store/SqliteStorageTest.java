// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStorageTest {
    @TempDir Path folder;
    private SqliteStorage storage;

    @BeforeEach
    void open() throws Exception {
        storage = SqliteStorage.open(folder.resolve("s.db"));
    }

    @AfterEach
    void close() {
        storage.close();
    }

    private static int add(java.sql.Connection c, @Nullable String hash) throws SQLException {
        return Sql.update(
                c, "insert into token (hash, uses, expires, created) values (?, 1, 1, 1)", hash);
    }

    private long tokens() throws InterruptedException {
        return storage.read(c -> Sql.number(c, "select count(*) from token"));
    }

    @Test
    void commitsAreFlushedToTheDisk() throws Exception {
        long synchronous = storage.write(c -> Sql.number(c, "PRAGMA synchronous"));
        assertThat(synchronous).isEqualTo(2);
        String journal =
                storage.write(c -> Sql.list(c, "PRAGMA journal_mode", r -> r.getString(1)).get(0));
        assertThat(journal).isEqualTo("wal");
    }

    @Test
    void workThatFailsLeavesNothingAndTakesNobodyWithIt() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.submit(() ->
                    storage.write(c -> {
                        busy.countDown();
                        return await(go);
                    }));
            busy.await();
            List<Future<Integer>> group = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                String hash = i == 4 ? null : "t" + i;
                group.add(
                        threads.submit(() ->
                                storage.write(c -> {
                                    add(c, "also" + hash);
                                    return add(c, hash);
                                })));
            }
            go.countDown();
            for (int i = 0; i < 10; i++) {
                Future<Integer> done = group.get(i);
                if (i == 4) {
                    assertThatThrownBy(done::get)
                            .isInstanceOf(ExecutionException.class)
                            .hasCauseInstanceOf(StorageException.class);
                } else {
                    assertThat(done.get()).isEqualTo(1);
                }
            }
        }
        assertThat(tokens()).isEqualTo(18);
    }

    @Test
    void fullQueueIsSaidAtOnce() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<Integer>> taken = new ArrayList<>();
        int refused = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.submit(() ->
                    storage.write(c -> {
                        busy.countDown();
                        return await(go);
                    }));
            busy.await();
            for (int i = 0; i < 400; i++) {
                String hash = "t" + i;
                taken.add(threads.submit(() -> storage.write(c -> add(c, hash))));
            }
            while (taken.stream().filter(f -> f.state() == Future.State.FAILED).count() < 144) {
                Thread.onSpinWait();
            }
            go.countDown();
            for (Future<Integer> f : taken) {
                try {
                    f.get();
                } catch (ExecutionException e) {
                    assertThat(e.getCause())
                            .isInstanceOfSatisfying(
                                    StorageException.class,
                                    full -> assertThat(full.overloaded()).isTrue());
                    refused++;
                }
            }
        }
        assertThat(refused).isEqualTo(144);
        assertThat(tokens()).isEqualTo(256);
    }

    private static boolean await(CountDownLatch latch) throws SQLException {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            throw new SQLException(e);
        }
    }

    @Test
    void closedStorageSaysSo() {
        storage.close();
        assertThatThrownBy(() -> storage.write(c -> add(c, "x")))
                .isInstanceOf(StorageException.class);
        assertThatThrownBy(this::tokens).isInstanceOf(StorageException.class);
    }

    @Test
    void messageOfAFailureQuotesNoValue() {
        assertThatThrownBy(() ->
                        storage.write(c -> Sql.update(c, "select 'a-secret-value' from nothing")))
                .isInstanceOf(StorageException.class)
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }
}
