// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.root;

import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the devices that hold intermediates say, and were given. Those that were revoked, or not
 * heard for 30 days, do not count.
 */
final class RootFacts {
    /** No intermediate lives longer. */
    private static final Duration LIFE = Duration.ofDays(90);

    private record Holder(String root, @Nullable DeviceStatus status) {}

    private final List<Holder> holders;

    RootFacts(Storage storage, Instant now) throws InterruptedException {
        this.holders =
                storage.read(c ->
                        Sql.list(
                                c,
                                "select issued_root, state from device where revoked is null"
                                        + " and issued > ? and contact > ?",
                                RootFacts::holder,
                                now.minus(LIFE).toEpochMilli(),
                                now.minus(OrganisationRoots.ACTIVE).toEpochMilli()));
    }

    private static Holder holder(ResultSet row) throws SQLException {
        String state = row.getString(2);
        return new Holder(
                row.getString(1),
                state == null ? null : Json.MAPPER.readValue(state, DeviceStatus.class));
    }

    int holders() {
        return holders.size();
    }

    /** Devices that present chains of a root. */
    long holders(String id) {
        return holders.stream().filter(h -> h.root.equals(id)).count();
    }

    /**
     * Devices that do not say that their system trusts a root: those that cannot tell count.
     *
     * @param fingerprint SHA-256 of the root's certificate
     */
    long notTrusting(String fingerprint) {
        return holders.stream()
                .filter(h ->
                        h.status == null
                                || h.status.trustedRoots() == null
                                || !h.status.trustedRoots().contains(fingerprint))
                .count();
    }
}
