// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.admin;

import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Secrets;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who may administrate: the bearer of the token in the data folder, or of a session that an admin
 * link was changed into. Links serve once. The database holds hashes only.
 */
public final class AdminKeys {
    static final Duration LINK_LIFE = Duration.ofMinutes(15);
    public static final Duration SESSION_LIFE = Duration.ofHours(8);

    /** Of browsers; the prefix binds it to this host, TLS and every path (RFC 6265bis §4.1.3). */
    public static final String COOKIE = "__Host-chaperone";

    private static final String BEARER = "bearer ";
    private static final int SHOWN = 8;

    private final Storage storage;
    private final InstantSource clock;
    private final String fileTokenHash;
    private final Supplier<URI> console;

    /**
     * @param fileToken the token that lies in the data folder
     * @param console base address of the console, as browsers reach it
     */
    public AdminKeys(
            Storage storage, InstantSource clock, String fileToken, Supplier<URI> console) {
        this.storage = storage;
        this.clock = clock;
        this.fileTokenHash = Secrets.hash(fileToken);
        this.console = console;
    }

    /**
     * A session.
     *
     * @param token bearer token
     * @param expires when it no longer serves
     */
    public record Session(String token, Instant expires) {
        /** What the audit log calls it. */
        public String actor() {
            return actorOf(Secrets.hash(token));
        }

        @Override
        public String toString() {
            return "Session[" + expires + "]";
        }
    }

    /**
     * A link that is changed into a session once.
     *
     * @param link what to open in a browser
     * @param expires when it no longer serves
     */
    public record Link(URI link, Instant expires) {
        @Override
        public String toString() {
            return "Link[" + expires + "]";
        }
    }

    /** A new link. */
    public Link newLink() throws InterruptedException {
        String secret = Secrets.fresh();
        Instant expires = clock.instant().plus(LINK_LIFE);
        keep(secret, "link", expires);
        return new Link(console.get().resolve("/admin?link=" + secret), expires);
    }

    /**
     * Changes a link into a session.
     *
     * @throws Problem 401 when it is unknown, used or has expired
     */
    public Session open(String link) throws InterruptedException {
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
                    "the admin link is used or has expired; 'chaperone admin link' makes a new one");
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
                return actorOf(hash);
            }
        }
        throw new Problem(
                401, "CHP-SRV-030", "an admin token is needed: 'authorization: Bearer …'");
    }

    /**
     * Who reads, with a bearer token or from a browser. For what changes nothing only: a cookie
     * comes along whoever made the browser ask.
     *
     * @throws Problem 401 when there is neither
     */
    public String requireReader(ServerRequest request) throws InterruptedException {
        Optional<String> browser = browser(request);
        return browser.isPresent() ? browser.get() : require(request);
    }

    /** Who asks from a browser; empty without a session. */
    public Optional<String> browser(ServerRequest request) throws InterruptedException {
        Optional<String> hash = cookie(request).map(Secrets::hash);
        return hash.isPresent() && isSession(hash.get())
                ? Optional.of(actorOf(hash.get()))
                : Optional.empty();
    }

    /** Ends the browser's session; that of nobody is ended too. */
    public void close(ServerRequest request) throws InterruptedException {
        Optional<String> token = cookie(request);
        if (token.isPresent()) {
            storage.write(c ->
                    Sql.update(
                            c,
                            "delete from admin_key where hash = ? and kind = 'session'",
                            Secrets.hash(token.get())));
        }
    }

    private static String actorOf(String sessionHash) {
        return "session:" + sessionHash.substring(0, SHOWN);
    }

    private static Optional<String> cookie(ServerRequest request) {
        return request.headers().cookies().first(COOKIE).asOptional();
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
