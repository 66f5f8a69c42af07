// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** JDBC in one line. Parameters are strings, numbers, byte arrays or null. */
public final class Sql {
    private Sql() {}

    /**
     * Reads one row.
     *
     * @param <T> what a row becomes
     */
    @FunctionalInterface
    public interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Rows changed. */
    public static int update(Connection c, String sql, @Nullable Object... parameters)
            throws SQLException {
        try (PreparedStatement s = prepare(c, sql, parameters)) {
            return s.executeUpdate();
        }
    }

    public static <T> List<T> list(
            Connection c, String sql, Row<T> reader, @Nullable Object... parameters)
            throws SQLException {
        try (PreparedStatement s = prepare(c, sql, parameters);
                ResultSet rows = s.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        }
    }

    public static <T> Optional<T> first(
            Connection c, String sql, Row<T> reader, @Nullable Object... parameters)
            throws SQLException {
        return list(c, sql, reader, parameters).stream().findFirst();
    }

    /** The only number of the only row; 0 when there is none. */
    public static long number(Connection c, String sql, @Nullable Object... parameters)
            throws SQLException {
        return first(c, sql, row -> row.getLong(1), parameters).orElse(0L);
    }

    /** A column that may be null. */
    public static OptionalLong optionalLong(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }

    public static void bind(PreparedStatement s, @Nullable Object... parameters)
            throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            s.setObject(i + 1, parameters[i]);
        }
    }

    private static PreparedStatement prepare(
            Connection c, String sql, @Nullable Object... parameters) throws SQLException {
        PreparedStatement s = c.prepareStatement(sql);
        try {
            bind(s, parameters);
            return s;
        } catch (SQLException e) {
            s.close();
            throw e;
        }
    }
}
