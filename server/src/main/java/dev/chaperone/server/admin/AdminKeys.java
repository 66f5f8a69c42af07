// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.admin;

import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Secrets;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Who may administrate: the bearer of the token in the data folder, or of a session that an admin
 * link was changed into. Links serve once. The database holds hashes only.
 */
public final class AdminKeys {
    static final Duration LINK_LIFE = Duration.ofHours(24);
    static final Duration SESSION_LIFE = Duration.ofHours(8);

    private static final String BEARER = "bearer ";
    private static final int SHOWN = 8;

    private final Storage storage;
    private final InstantSource clock;
    private final String fileTokenHash;

    /**
     * @param fileToken the token that lies in the data folder
     */
    public AdminKeys(Storage storage, InstantSource clock, String fileToken) {
        this.storage = storage;
        this.clock = clock;
        this.fileTokenHash = Secrets.hash(fileToken);
    }

    /**
     * A session.
     *
     * @param token bearer token
     * @param expires when it no longer serves
     */
    public record Session(String token, Instant expires) {
        @Override
        public String toString() {
            return "Session[" + expires + "]";
        }
    }

    /** The secret of a new link. */
    public String newLink() throws InterruptedException {
        String secret = Secrets.fresh();
        keep(secret, "link", clock.instant().plus(LINK_LIFE));
        return secret;
    }

    /**
     * Changes a link into a session.
     *
     * @throws Problem 401 when it is unknown, used or has expired
     */
    Session open(String link) throws InterruptedException {
        Instant now = clock.instant();
        int used =
                storage.write(c ->
                        Sql.update(
                                c,
                                "delete from admin_key where hash = ? and kind = 'link' and expires > ?",
                                Secrets.hash(link),
                                now.toEpochMilli()));
        if (used != 1) {
            throw new Problem(
                    401,
                    "CHP-SRV-031",
                    "the admin link is used or has expired; start the server with --new-link");
        }
        Session session = new Session(Secrets.fresh(), now.plus(SESSION_LIFE));
        keep(session.token(), "session", session.expires());
        return session;
    }

    private void keep(String secret, String kind, Instant expires) throws InterruptedException {
        long now = clock.instant().toEpochMilli();
        storage.write(c -> {
            Sql.update(c, "delete from admin_key where expires <= ?", now);
            return Sql.update(
                    c,
                    "insert into admin_key (hash, kind, expires) values (?,?,?)",
                    Secrets.hash(secret),
                    kind,
                    expires.toEpochMilli());
        });
    }

    /**
     * Who asks, for the audit log.
     *
     * @throws Problem 401 when the request bears no token that serves
     */
    public String require(ServerRequest request) throws InterruptedException {
        String header = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
        if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            String hash = Secrets.hash(header.substring(BEARER.length()).strip());
            if (MessageDigest.isEqual(ascii(hash), ascii(fileTokenHash))) {
                return "token:" + hash.substring(0, SHOWN);
            }
            if (isSession(hash)) {
                return "session:" + hash.substring(0, SHOWN);
            }
        }
        throw new Problem(
                401, "CHP-SRV-030", "an admin token is needed: 'authorization: Bearer …'");
    }

    private boolean isSession(String hash) throws InterruptedException {
        return storage.read(c ->
                Sql.number(
                        c,
                        "select count(*) from admin_key where hash = ? and kind = 'session'"
                                + " and expires > ?",
                        hash,
                        clock.instant().toEpochMilli()))
                == 1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
