// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.store;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Where the server keeps things. Two engines share the SQL of the subjects: SQLite here, PostgreSQL
 * later. Thread-safe; calls block, on whatever thread they come.
 */
public interface Storage extends AutoCloseable {
    /**
     * A unit of work. It may be run again when it failed, and so has no effect but on the
     * connection. What can be expected to go wrong is a value that it returns: a work that throws
     * leaves nothing behind.
     *
     * @param <T> what it returns
     */
    @FunctionalInterface
    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /**
     * Runs a work in a transaction; when this returns, its effect is durable.
     *
     * @throws StorageException when too many wait, or the database does not take it
     */
    <T> T write(Work<T> work) throws InterruptedException;

    /**
     * Runs a work that only reads, on one consistent state.
     *
     * @throws StorageException when the database cannot be read
     */
    <T> T read(Work<T> work) throws InterruptedException;

    @Override
    void close();
}
