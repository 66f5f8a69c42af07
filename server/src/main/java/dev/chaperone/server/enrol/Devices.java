// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.enrol;

import dev.chaperone.server.store.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The table of devices. Each method is part of the caller's transaction. */
public final class Devices {
    /** A device that says nothing for longer is silent. */
    public static final Duration SILENT_AFTER = Duration.ofHours(24);

    private static final String SELECT =
            "select n, id, grp, host, os, version, enrolled, contact, revoked, clones, epoch, seq"
                    + " from device ";

    private Devices() {}

    public static Optional<Device> byId(Connection c, String id) throws SQLException {
        return Sql.first(c, SELECT + "where id = ?", Devices::device, id);
    }

    static Optional<Device> byEnrolment(Connection c, String token, String keyHash)
            throws SQLException {
        return Sql.first(
                c, SELECT + "where token = ? and key_hash = ?", Devices::device, token, keyHash);
    }

    public static List<Device> all(Connection c) throws SQLException {
        return Sql.list(c, SELECT + "order by n", Devices::device);
    }

    /** Locks a device out; false when there is none of this id. */
    public static boolean revoke(Connection c, String id, Instant now) throws SQLException {
        return Sql.update(
                        c,
                        "update device set revoked = coalesce(revoked, ?) where id = ?",
                        now.toEpochMilli(),
                        id)
                == 1;
    }

    /** Notes that a device was heard, and the silence before, if it was one. */
    public static void heard(Connection c, long n, Instant now) throws SQLException {
        Sql.update(
                c,
                "insert into silence (device, since, until) select n, contact, ? from device"
                        + " where n = ? and contact < ? on conflict do nothing",
                now.toEpochMilli(),
                n,
                now.minus(SILENT_AFTER).toEpochMilli());
        Sql.update(
                c,
                "update device set contact = ? where n = ? and contact < ?",
                now.toEpochMilli(),
                n,
                now.toEpochMilli());
    }

    private static Device device(ResultSet row) throws SQLException {
        return new Device(
                row.getLong("n"),
                row.getString("id"),
                row.getString("grp"),
                row.getString("host"),
                row.getString("os"),
                row.getString("version"),
                Instant.ofEpochMilli(row.getLong("enrolled")),
                Instant.ofEpochMilli(row.getLong("contact")),
                Sql.optionalLong(row, "revoked").isPresent(),
                row.getLong("clones"),
                row.getLong("epoch"),
                row.getLong("seq"));
    }
}
