// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Statements whose parameters and results are numbers. */
final class Sql {
    private Sql() {}

    /** The first column of the first row; 0 without a row. */
    static long number(Connection connection, String sql, long... values) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(sql)) {
            bind(s, values);
            try (ResultSet row = s.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /** How many rows were changed. */
    static long update(Connection connection, String sql, long... values) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(sql)) {
            bind(s, values);
            return s.executeUpdate();
        }
    }

    private static void bind(PreparedStatement s, long... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            s.setLong(i + 1, values[i]);
        }
    }
}
