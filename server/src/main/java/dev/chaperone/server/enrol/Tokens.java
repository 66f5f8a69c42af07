// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.enrol;

import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.server.http.Secrets;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Enrolment tokens: handed out once, kept as a hash with uses, expiry and group. */
public final class Tokens {
    public static final int MAX_USES = 100_000;
    public static final Duration MAX_LIFE = Duration.ofDays(365);

    /**
     * What a new token allows.
     *
     * @param uses devices that may enrol with it, 1 to {@value #MAX_USES}
     * @param life from now, at most {@link #MAX_LIFE}
     * @param group group of these devices, or null
     */
    public record Terms(int uses, Duration life, @Nullable String group) {
        public Terms {
            if (uses < 1 || uses > MAX_USES) {
                throw new IllegalArgumentException("uses are 1 to " + MAX_USES);
            }
            if (life.isNegative() || life.isZero() || life.compareTo(MAX_LIFE) > 0) {
                throw new IllegalArgumentException("a token lives at most 365 days");
            }
            if (group != null && !group.matches("[\\p{L}\\p{N}][\\p{L}\\p{N} ._&/-]{0,63}")) {
                throw new IllegalArgumentException(
                        "a group is 1 to 64 letters, digits, spaces and . _ & / -");
            }
        }
    }

    /** A row of the table. */
    record Kept(long uses, Instant expires, @Nullable String group) {}

    private final Storage storage;
    private final InstantSource clock;
    private final Supplier<URI> server;
    private final String pin;

    /**
     * @param server base address of the console listener, as devices reach it
     * @param pin of the server's CA
     */
    public Tokens(Storage storage, InstantSource clock, Supplier<URI> server, String pin) {
        this.storage = storage;
        this.clock = clock;
        this.server = server;
        this.pin = pin;
    }

    /** Makes a token. Its text is shown to the administrator and kept nowhere. */
    public EnrolmentToken issue(Terms terms) throws InterruptedException {
        EnrolmentToken token = new EnrolmentToken(server.get(), pin, Secrets.fresh());
        Instant now = clock.instant();
        storage.write(c ->
                Sql.update(
                        c,
                        "insert into token (hash, uses, expires, grp, created) values (?,?,?,?,?)",
                        Secrets.hash(token.secret()),
                        terms.uses(),
                        now.plus(terms.life()).toEpochMilli(),
                        terms.group(),
                        now.toEpochMilli()));
        return token;
    }

    /** Whether a token was ever made here. */
    public static boolean any(Storage storage) throws InterruptedException {
        return storage.read(c -> Sql.number(c, "select count(*) from token")) > 0;
    }

    static Optional<Kept> find(Connection c, String hash) throws SQLException {
        return Sql.first(
                c,
                "select uses, expires, grp from token where hash = ?",
                row ->
                        new Kept(
                                row.getLong(1),
                                Instant.ofEpochMilli(row.getLong(2)),
                                row.getString(3)),
                hash);
    }

    static void spend(Connection c, String hash) throws SQLException {
        Sql.update(c, "update token set uses = uses - 1 where hash = ?", hash);
    }
}
