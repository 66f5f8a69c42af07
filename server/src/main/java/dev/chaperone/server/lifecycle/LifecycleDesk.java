// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.lifecycle;

import dev.chaperone.model.sync.LifecycleBatch;
import dev.chaperone.model.sync.LifecycleEntry;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.enrol.Device;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes the lines of devices' lifecycle logs, each once, and says when they contradict what is
 * kept: a line that was changed, one that is missing, an end that was cut off, a folder that was
 * rolled back. Each contradiction is a finding, told once, and a line of the audit log.
 */
public final class LifecycleDesk {
    private static final String HEX = "[0-9a-f]{64}";
    private static final int SHOWN = 1000;

    private final Storage storage;
    private final InstantSource clock;

    public LifecycleDesk(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /** The end of the chain in force. */
    private record Mark(long chain, long n, String hash) {}

    /**
     * A contradiction.
     *
     * @param found when
     * @param kind {@code changed}, {@code missing}, {@code broken}, {@code forked} or {@code
     *     rolled-back}
     * @param n number of the line it shows at
     * @param accepted when somebody at the device accepted it, or null
     */
    public record Finding(Instant found, String kind, long n, @Nullable Instant accepted) {}

    /**
     * What is kept of a device.
     *
     * @param chain which of its chains, from 1
     * @param entries newest 1,000, oldest first
     * @param findings oldest first
     * @param unchanged whether what is kept here still holds together
     */
    public record Kept(
            long chain, List<LifecycleEntry> entries, List<Finding> findings, boolean unchanged) {}

    /**
     * Stores what is new.
     *
     * @throws Problem 400 when it makes no sense
     */
    LifecycleBatch.Answer take(Device device, LifecycleBatch batch) throws InterruptedException {
        requireSense(batch);
        Instant now = clock.instant();
        return storage.write(c -> {
            take(c, device, batch, now);
            return new LifecycleBatch.Answer(mark(c, device.n()).n(), open(c, device.n()));
        });
    }

    private static void take(Connection c, Device device, LifecycleBatch batch, Instant now)
            throws SQLException {
        Mark mark = mark(c, device.n());
        boolean sameEnd = batch.head() != mark.n() || batch.headHash().equals(mark.hash());
        if (mark.n() > 0 && (batch.head() < mark.n() || !sameEnd)) {
            contradicted(
                    c,
                    device,
                    mark,
                    batch.head() < mark.n() ? "rolled-back" : "forked",
                    batch.head(),
                    now);
            return;
        }
        for (LifecycleEntry entry : batch.entries()) {
            if (entry.n() <= mark.n()) {
                if (!entry.hash().equals(kept(c, device.n(), mark.chain(), entry.n()))) {
                    contradicted(c, device, mark, "forked", entry.n(), now);
                    return;
                }
                continue; // sent again
            }
            misfit(entry, mark).ifPresent(kind -> pending(c, device, kind, entry.n(), now));
            mark = append(c, device, mark, entry, now);
        }
    }

    /** What of a line does not fit behind the last one; the first of a chain follows nothing. */
    private static Optional<String> misfit(LifecycleEntry entry, Mark mark) {
        if (!entry.holds()) {
            return Optional.of("changed");
        }
        if (mark.n() > 0 && entry.n() != mark.n() + 1) {
            return Optional.of("missing");
        }
        return mark.n() > 0 && !entry.previous().equals(mark.hash())
                ? Optional.of("broken")
                : Optional.empty();
    }

    /** What the device says now is kept beside what it said before. */
    private static void contradicted(
            Connection c, Device device, Mark mark, String kind, long n, Instant now)
            throws SQLException {
        found(c, device, kind, n, now);
        Sql.update(
                c,
                "insert into lifecycle_chain (device, chain, began) values (?,?,?)",
                device.n(),
                mark.chain() + 1,
                now.toEpochMilli());
    }

    private static void pending(Connection c, Device device, String kind, long n, Instant now) {
        try {
            found(c, device, kind, n, now);
        } catch (SQLException e) {
            throw new IllegalStateException("the finding cannot be kept", e);
        }
    }

    private static void found(Connection c, Device device, String kind, long n, Instant now)
            throws SQLException {
        Sql.update(
                c,
                "insert into lifecycle_finding (device, found, kind, n) values (?,?,?,?)",
                device.n(),
                now.toEpochMilli(),
                kind,
                n);
        Audit.append(
                c,
                now,
                "server",
                "found lifecycle",
                "device " + device.id() + " " + kind + " " + n);
    }

    private static Mark append(
            Connection c, Device device, Mark mark, LifecycleEntry e, Instant now)
            throws SQLException {
        long chain = Math.max(1, mark.chain());
        if (mark.chain() == 0) {
            Sql.update(
                    c,
                    "insert into lifecycle_chain (device, chain, began) values (?,1,?)",
                    device.n(),
                    now.toEpochMilli());
        }
        Sql.update(
                c,
                "insert into lifecycle (device, chain, n, at, kind, detail, actor, previous, hash,"
                        + " received) values (?,?,?,?,?,?,?,?,?,?)",
                device.n(),
                chain,
                e.n(),
                e.at().toEpochMilli(),
                e.kind(),
                e.detail(),
                e.by(),
                e.previous(),
                e.hash(),
                now.toEpochMilli());
        if (e.kind().equals("break-accepted")) {
            Sql.update(
                    c,
                    "update lifecycle_finding set closed = ? where device = ? and closed is null",
                    now.toEpochMilli(),
                    device.n());
        }
        return new Mark(chain, e.n(), e.hash());
    }

    private static Mark mark(Connection c, long device) throws SQLException {
        long chain =
                Sql.number(c, "select max(chain) from lifecycle_chain where device = ?", device);
        return Sql.first(
                        c,
                        "select n, hash from lifecycle where device = ? and chain = ? order by n"
                                + " desc limit 1",
                        r -> new Mark(chain, r.getLong(1), r.getString(2)),
                        device,
                        chain)
                .orElse(new Mark(chain, 0, LifecycleEntry.GENESIS));
    }

    private static @Nullable String kept(Connection c, long device, long chain, long n)
            throws SQLException {
        return Sql.first(
                        c,
                        "select hash from lifecycle where device = ? and chain = ? and n = ?",
                        r -> r.getString(1),
                        device,
                        chain,
                        n)
                .orElse(null);
    }

    /** The last finding that nobody accepted. */
    private static @Nullable String open(Connection c, long device) throws SQLException {
        return Sql.first(
                        c,
                        "select kind, n from lifecycle_finding where device = ? and closed is null"
                                + " order by id desc limit 1",
                        r -> r.getString(1) + " at entry " + r.getLong(2),
                        device)
                .orElse(null);
    }

    /** What is kept of a device; in the caller's transaction. */
    static Kept of(Connection c, long device) throws SQLException {
        Mark mark = mark(c, device);
        List<LifecycleEntry> entries =
                Sql.list(
                        c,
                        "select * from lifecycle where device = ? and chain = ? order by n desc limit ?",
                        LifecycleDesk::entry,
                        device,
                        mark.chain(),
                        SHOWN);
        List<Finding> findings =
                Sql.list(
                        c,
                        "select found, kind, n, closed from lifecycle_finding where device = ? order"
                                + " by id",
                        LifecycleDesk::finding,
                        device);
        List<LifecycleEntry> inOrder = new ArrayList<>(entries.reversed());
        boolean told = findings.stream().anyMatch(f -> f.kind().matches("changed|missing|broken"));
        return new Kept(mark.chain(), inOrder, findings, told || holds(inOrder));
    }

    private static boolean holds(List<LifecycleEntry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            if (!entries.get(i).holds()
                    || i > 0 && !entries.get(i).previous().equals(entries.get(i - 1).hash())) {
                return false;
            }
        }
        return true;
    }

    private static LifecycleEntry entry(ResultSet r) throws SQLException {
        return new LifecycleEntry(
                r.getLong("n"),
                Instant.ofEpochMilli(r.getLong("at")),
                r.getString("kind"),
                r.getString("detail"),
                r.getString("actor"),
                r.getString("previous"),
                r.getString("hash"));
    }

    private static Finding finding(ResultSet r) throws SQLException {
        long closed = r.getLong("closed");
        return new Finding(
                Instant.ofEpochMilli(r.getLong("found")),
                r.getString("kind"),
                r.getLong("n"),
                closed == 0 ? null : Instant.ofEpochMilli(closed));
    }

    private static void requireSense(LifecycleBatch batch) {
        boolean sense =
                batch.head() >= 0
                        && batch.headHash() != null
                        && batch.headHash().matches(HEX)
                        && batch.entries().size() <= LifecycleBatch.MAX_ENTRIES
                        && batch.entries().stream().allMatch(LifecycleDesk::makesSense);
        for (int i = 1; sense && i < batch.entries().size(); i++) {
            sense = batch.entries().get(i).n() > batch.entries().get(i - 1).n();
        }
        if (!sense) {
            throw Problem.badRequest(
                    "head, headHash and at most 200 entries in order are needed, each whole");
        }
    }

    private static boolean makesSense(LifecycleEntry e) {
        return e.n() > 0
                && e.at() != null
                && e.kind() != null
                && e.kind().matches("[a-z-]{1,32}")
                && e.detail() != null
                && e.detail().matches("\\P{Cc}{0,500}")
                && e.by() != null
                && e.by().matches("system|uid \\d{1,10}")
                && e.previous() != null
                && e.previous().matches(HEX)
                && e.hash() != null
                && e.hash().matches(HEX);
    }
}
