// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.server.enrol.Device;
import dev.chaperone.server.enrol.Devices;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps a device's last state, and what it says it did not inspect by day. Devices count since
 * their start; the difference to the state before is what is new, and a number that fell means a
 * restart.
 */
public final class StatusDesk {
    private static final int MAX_REASONS = 100;
    private static final int MAX_ROOTS = 16;

    private final Storage storage;
    private final InstantSource clock;

    public StatusDesk(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /**
     * Stores a state.
     *
     * @throws Problem 400 when it makes no sense
     */
    void store(Device device, DeviceStatus status) throws InterruptedException {
        requireSense(status);
        String json = Json.MAPPER.writeValueAsString(status);
        Instant now = clock.instant();
        storage.write(c -> {
            addUnseen(c, device.n(), status, now);
            Devices.heard(c, device.n(), now);
            return Sql.update(
                    c,
                    "update device set state = ?, version = ? where n = ?",
                    json,
                    status.version(),
                    device.n());
        });
    }

    private static void addUnseen(Connection c, long device, DeviceStatus status, Instant now)
            throws SQLException {
        Map<String, Long> before = new HashMap<>();
        Sql.first(
                        c,
                        "select state from device where n = ? and state is not null",
                        r -> Json.MAPPER.readValue(r.getString(1), DeviceStatus.class),
                        device)
                .ifPresent(last -> before.putAll(last.notInspected()));
        long day = now.atZone(ZoneOffset.UTC).toLocalDate().toEpochDay();
        for (Map.Entry<String, Long> reason : status.notInspected().entrySet()) {
            long earlier = before.getOrDefault(reason.getKey(), 0L);
            long added = reason.getValue() - (earlier > reason.getValue() ? 0 : earlier);
            if (added > 0) {
                Sql.update(
                        c,
                        "insert into unseen_day (day, reason, n) values (?,?,?)"
                                + " on conflict (day, reason) do update set n = n + excluded.n",
                        day,
                        reason.getKey(),
                        added);
            }
        }
    }

    private static void requireSense(DeviceStatus status) {
        boolean counts =
                status.notInspected().size() <= MAX_REASONS
                        && status.notInspected().entrySet().stream()
                                .allMatch(e -> e.getKey().length() <= 64 && e.getValue() >= 0);
        boolean roots =
                status.trustedRoots() == null
                        || status.trustedRoots().size() <= MAX_ROOTS
                                && status.trustedRoots().stream()
                                        .allMatch(r -> r.matches("[0-9a-f]{64}"));
        if (!counts
                || !roots
                || status.version() == null
                || !status.version().matches("\\P{Cc}{1,255}")
                || status.policyState() == null
                || status.policyState().length() > 32) {
            throw Problem.badRequest("version, policyState and counts of notInspected are needed");
        }
    }
}
