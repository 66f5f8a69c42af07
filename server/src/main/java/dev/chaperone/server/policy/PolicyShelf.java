// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.policy;

import dev.chaperone.model.sync.PolicyBundle;
import dev.chaperone.policies.bundle.BundleSigner;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Secrets;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Published policies. A policy is compiled and its tests are run before it is signed; versions only
 * grow. The last one is signed anew when half of its life is over, so that a device with an expired
 * bundle knows that it was cut off (TUF's freeze attack), and not that nobody changed anything.
 */
public final class PolicyShelf {
    /** A device that hears nothing for longer takes its policy for expired. */
    public static final Duration LIFE = Duration.ofDays(30);

    /**
     * What is in force.
     *
     * @param version from 1
     * @param issued when it was signed
     * @param expires when devices must no longer take it for current
     * @param envelope the signed envelope, JSON
     * @param etag strong validator of the envelope (RFC 9110 §8.8.3), with its quotes
     */
    public record Published(
            long version, Instant issued, Instant expires, String envelope, String etag) {
        @Override
        public String toString() {
            return "Published[" + version + "]";
        }
    }

    private final Storage storage;
    private final InstantSource clock;
    private final BundleSigner signer;
    private final PolicyCheck check;

    public PolicyShelf(
            Storage storage, InstantSource clock, BundleSigner signer, PolicyCheck check) {
        this.storage = storage;
        this.clock = clock;
        this.signer = signer;
        this.check = check;
    }

    /**
     * Publishes a policy.
     *
     * @param name the document's name, for messages
     * @param yaml the document
     * @throws Problem 422 with the one line that says what is wrong with it
     */
    Published publish(String actor, String name, byte[] yaml) throws InterruptedException {
        Optional<String> error = check.firstError(name, yaml);
        if (error.isPresent()) {
            throw new Problem(422, "CHP-SRV-040", error.get());
        }
        String document = new String(yaml, StandardCharsets.UTF_8);
        Instant now = clock.instant();
        return storage.write(c -> {
            Published published = add(c, document, now);
            Audit.append(c, now, actor, "change policy", "version " + published.version());
            return published;
        });
    }

    /** Signs the last policy anew when it is due. */
    public void refresh() throws InterruptedException {
        Instant now = clock.instant();
        Optional<Published> last = current();
        if (last.isPresent() && now.isAfter(last.get().issued().plus(LIFE.dividedBy(2)))) {
            storage.write(c -> {
                String document =
                        Sql.first(
                                        c,
                                        "select document from policy order by version desc limit 1",
                                        r -> r.getString(1))
                                .orElseThrow();
                Published fresh = add(c, document, now);
                Audit.append(
                        c, now, "server", "change policy", "signed anew as " + fresh.version());
                return fresh;
            });
        }
    }

    /** The last one; empty while none is published. */
    public Optional<Published> current() throws InterruptedException {
        return storage.read(PolicyShelf::last);
    }

    /** Version of the last one; 0 while none is published. */
    public long version() throws InterruptedException {
        return storage.read(c -> Sql.number(c, "select max(version) from policy"));
    }

    /** The document of the last one, YAML. */
    public Optional<String> document() throws InterruptedException {
        return storage.read(c ->
                Sql.first(
                        c,
                        "select document from policy order by version desc limit 1",
                        r -> r.getString(1)));
    }

    private Published add(Connection c, String document, Instant now) throws SQLException {
        long version = last(c).map(Published::version).orElse(0L) + 1;
        Instant expires = now.plus(LIFE);
        byte[] envelope = signer.sign(new PolicyBundle(version, now, expires, document));

        Sql.update(
                c,
                "insert into policy (version, issued, expires, document, envelope)"
                        + " values (?,?,?,?,?)",
                version,
                now.toEpochMilli(),
                expires.toEpochMilli(),
                document,
                new String(envelope, StandardCharsets.UTF_8));
        return last(c).orElseThrow();
    }

    private static Optional<Published> last(Connection c) throws SQLException {
        return Sql.first(
                c,
                "select version, issued, expires, envelope from policy"
                        + " order by version desc limit 1",
                r -> {
                    String envelope = r.getString(4);
                    return new Published(
                            r.getLong(1),
                            Instant.ofEpochMilli(r.getLong(2)),
                            Instant.ofEpochMilli(r.getLong(3)),
                            envelope,
                            etag(envelope));
                });
    }

    private static String etag(String envelope) {
        String digest =
                HexFormat.of()
                        .formatHex(
                                Secrets.sha256().digest(envelope.getBytes(StandardCharsets.UTF_8)));
        return '"' + digest.substring(0, 32) + '"';
    }
}
