// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.admin;

import dev.chaperone.server.http.Secrets;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The append-only record of what administrators read, changed and exported. Each row holds the hash
 * of the row before, so that a row that is changed, taken out or slipped in breaks the chain; that
 * the end was cut off shows only against a head that was written down elsewhere, which {@code admin
 * audit verify} prints.
 */
public final class Audit {
    /** What the first row follows. */
    static final String GENESIS = "0".repeat(64);

    private static final int PAGE = 10_000;

    /**
     * One row.
     *
     * @param n from 1, without gaps
     * @param at when
     * @param actor who: the kind of credential and the first digits of its hash
     * @param action {@code read}, {@code change} or {@code export}, and of what
     * @param target which, with its parameters
     * @param previous hash of the row before, 64 hex digits
     * @param hash of this row
     */
    public record Entry(
            long n,
            Instant at,
            String actor,
            String action,
            String target,
            String previous,
            String hash) {
        /** SHA-256 over the other fields, each with its length before it. */
        String computed() {
            MessageDigest digest = Secrets.sha256();
            String[] fields = {
                Long.toString(n), Long.toString(at.toEpochMilli()), actor, action, target, previous
            };
            for (String field : fields) {
                byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    /**
     * What a look at the whole chain found.
     *
     * @param rows rows seen
     * @param head hash of the last one
     * @param brokenAt number of the first row that does not fit; empty when all do
     */
    public record Verification(long rows, String head, Optional<Long> brokenAt) {}

    private final Storage storage;
    private final InstantSource clock;

    public Audit(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /** Records; what is recorded may be done when this returns. */
    public void record(String actor, String action, String target) throws InterruptedException {
        Instant now = clock.instant();
        storage.write(c -> {
            append(c, now, actor, action, target);
            return true;
        });
    }

    /** Records in the caller's transaction. */
    public static void append(Connection c, Instant now, String actor, String action, String target)
            throws SQLException {
        Optional<Entry> last =
                Sql.first(c, "select * from audit order by n desc limit 1", Audit::entry);
        Entry unsealed =
                new Entry(
                        last.map(Entry::n).orElse(0L) + 1,
                        Instant.ofEpochMilli(now.toEpochMilli()),
                        actor,
                        action,
                        target,
                        last.map(Entry::hash).orElse(GENESIS),
                        "");
        Sql.update(
                c,
                "insert into audit (n, at, actor, action, target, previous, hash)"
                        + " values (?,?,?,?,?,?,?)",
                unsealed.n(),
                unsealed.at().toEpochMilli(),
                actor,
                action,
                target,
                unsealed.previous(),
                unsealed.computed());
    }

    /** The last entries, newest first. */
    public List<Entry> last(int limit) throws InterruptedException {
        return storage.read(c ->
                Sql.list(c, "select * from audit order by n desc limit ?", Audit::entry, limit));
    }

    /** Walks the chain. */
    public static Verification verify(Connection c) throws SQLException {
        long expected = 1;
        String previous = GENESIS;
        while (true) {
            List<Entry> page =
                    Sql.list(
                            c,
                            "select * from audit where n >= ? order by n limit ?",
                            Audit::entry,
                            expected,
                            PAGE);
            if (page.isEmpty()) {
                return new Verification(expected - 1, previous, Optional.empty());
            }
            for (Entry e : page) {
                if (e.n() != expected
                        || !e.previous().equals(previous)
                        || !e.hash().equals(e.computed())) {
                    return new Verification(expected - 1, previous, Optional.of(expected));
                }
                expected++;
                previous = e.hash();
            }
        }
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getLong("n"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("target"),
                row.getString("previous"),
                row.getString("hash"));
    }
}
