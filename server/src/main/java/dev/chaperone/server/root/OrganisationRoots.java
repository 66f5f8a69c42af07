// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.root;

import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import dev.chaperone.pki.ServerCa;
import dev.chaperone.server.ServerFolder;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Secrets;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The organisation's roots by their role. The current one signs; a next one is known to devices
 * before it signs, and a previous one for as long as chains of it live, so that clients can be made
 * to trust a new root before they need it. A change of roles is one transaction with its line in
 * the audit log; keys are files, written before and deleted after. Thread-safe.
 */
public final class OrganisationRoots {
    /** A device that was not heard for longer does not hold up a roll. */
    static final Duration ACTIVE = Duration.ofDays(30);

    /**
     * Least time between a roll and its promotion: a weekend and a day for MDM to reach devices.
     */
    static final Duration LEAST_OVERLAP = Duration.ofDays(7);

    private static final String ORGANISATION = "Chaperone";
    private static final int ID_BYTES = 8;

    /** What a root is for. */
    public enum Role {
        CURRENT,
        NEXT,
        PREVIOUS;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A root that is in use or will be. */
    public record Kept(String id, Role role, OrganisationRoot root, Instant since) {}

    private final Storage storage;
    private final ServerFolder folder;
    private final InstantSource clock;
    private volatile List<Kept> loaded = List.of();

    private OrganisationRoots(Storage storage, ServerFolder folder, InstantSource clock) {
        this.storage = storage;
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * Opens the roots of a data folder; makes the first.
     *
     * @throws IOException when a key is missing, naming it: a new one in its place would turn every
     *     device's chain into one that nobody trusts
     */
    public static OrganisationRoots open(Storage storage, ServerFolder folder, InstantSource clock)
            throws IOException, InterruptedException {
        OrganisationRoots roots = new OrganisationRoots(storage, folder, clock);
        roots.load();
        if (roots.loaded.isEmpty()) {
            OrganisationRoot first = OrganisationRoot.create(ORGANISATION, clock.instant());
            String id = roots.keep(first.identity().key(), key(first));
            boolean ignored =
                    storage.write(c -> {
                        insert(c, id, "current", first, roots.now());
                        return true;
                    });
            roots.load();
        }
        return roots;
    }

    /** The current one first, then the next and the previous, as far as there are any. */
    public List<Kept> all() {
        return loaded;
    }

    /** The one that signs. */
    public Kept current() {
        return loaded.getFirst();
    }

    private Optional<Kept> of(Role role) {
        return loaded.stream().filter(k -> k.role == role).findFirst();
    }

    /** Changes with ids and roles. */
    String state() {
        StringBuilder all = new StringBuilder();
        loaded.forEach(k -> all.append(k.role).append(k.id));
        byte[] digest = Secrets.sha256().digest(all.toString().getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest, 0, ID_BYTES);
    }

    /** A request for the company's CA; replaces one that was not answered. */
    synchronized String request(String actor) throws InterruptedException {
        requireNoNext();
        KeyPair keys = Keys.generate();
        Optional<String> before = requested();
        String id = keep(keys.getPrivate(), keys.getPublic());
        change(
                actor,
                "requested " + id,
                c -> {
                    Sql.update(c, "delete from organisation_root where role = 'requested'");
                    Sql.update(
                            c,
                            "insert into organisation_root (id, role, key, chain, since)"
                                    + " values (?,'requested',?,'',?)",
                            id,
                            Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()),
                            now());
                });
        before.ifPresent(this::forget);
        return CertificateRequests.createAuthority(keys, ORGANISATION);
    }

    /**
     * Takes the company's answer: as the current root while no device has a certificate, else as
     * the next.
     *
     * @param host a name that devices open
     * @throws Problem 422 with one line when it is not fit
     */
    synchronized Kept take(String actor, List<X509Certificate> given, String host)
            throws InterruptedException {
        requireNoNext();
        String id =
                requested()
                        .orElseThrow(() ->
                                refused(
                                        "no certificate was requested; begin with 'chaperone admin root"
                                                + " csr'"));
        String spki =
                storage.read(c ->
                        Sql.first(
                                        c,
                                        "select key from organisation_root where id = ?",
                                        r -> r.getString(1),
                                        id)
                                .orElseThrow());
        OrganisationRoot root;
        try {
            PublicKey key = Keys.publicKey(Base64.getDecoder().decode(spki));
            root = OrganisationRoot.imported(read(id), key, given, host, clock.instant());
        } catch (PkiException e) {
            throw new Problem(422, "CHP-SRV-051", String.valueOf(e.getMessage()));
        }
        boolean unused =
                storage.read(c ->
                        Sql.number(c, "select count(*) from device where issued is not null"))
                        == 0;
        String replaced = current().id;
        change(
                actor,
                "imported " + id + " as " + (unused ? "current" : "next"),
                c -> {
                    Sql.update(c, "delete from organisation_root where role = 'requested'");
                    if (unused) {
                        Sql.update(c, "delete from organisation_root where role = 'current'");
                    }
                    insert(c, id, unused ? "current" : "next", root, now());
                });
        if (unused) {
            forget(replaced);
        }
        return byId(id);
    }

    /** Makes a next root. */
    synchronized Kept roll(String actor) throws InterruptedException {
        requireNoNext();
        OrganisationRoot next = OrganisationRoot.create(ORGANISATION, clock.instant());
        String id = keep(next.identity().key(), key(next));
        change(actor, "rolled to " + id, c -> insert(c, id, "next", next, now()));
        return byId(id);
    }

    /**
     * Lets the next root sign.
     *
     * @throws Problem 409 when devices would present chains that their clients do not trust yet
     */
    synchronized Kept promote(String actor, boolean force) throws InterruptedException {
        Kept next =
                of(Role.NEXT)
                        .orElseThrow(() ->
                                refused(
                                        "there is no next root; make one with 'chaperone admin root"
                                                + " roll' or 'csr'"));
        if (of(Role.PREVIOUS).isPresent()) {
            throw refused(
                    "the root before the current one still counts; 'chaperone admin root retire'"
                            + " first");
        }
        Instant soonest = next.since.plus(LEAST_OVERLAP);
        if (!force && clock.instant().isBefore(soonest)) {
            throw refused(
                    "the next root is known for less than 7 days: devices that are off did not hear"
                            + " of it; wait until "
                            + soonest
                            + ", or say --force");
        }
        RootFacts facts = new RootFacts(storage, clock.instant());
        long untrusting = facts.notTrusting(fingerprint(next));
        if (!force && untrusting > 0) {
            throw refused(
                    untrusting
                            + " of "
                            + facts.holders()
                            + " devices do not say that their system trusts the next root; ship it"
                            + " (chaperone admin root export --next) and wait, or say --force");
        }
        change(
                actor,
                "promoted " + next.id + (force ? " by force" : ""),
                c -> {
                    assign(c, "current", "previous", now());
                    assign(c, "next", "current", now());
                });
        return byId(next.id);
    }

    /**
     * Drops a root for good, its key too.
     *
     * @param role previous, or next for a roll that was not meant
     * @throws Problem 409 when devices still present its chains
     */
    synchronized Kept retire(String actor, Role role, boolean force) throws InterruptedException {
        Kept gone =
                role == Role.CURRENT
                        ? refuseCurrent()
                        : of(role).orElseThrow(
                                        () -> refused("there is no " + role.text() + " root"));
        long holders = new RootFacts(storage, clock.instant()).holders(gone.id);
        if (!force && holders > 0) {
            throw refused(
                    holders
                            + " devices still present chains of it; they get others when they are"
                            + " next heard; wait, or say --force");
        }
        change(
                actor,
                "retired " + gone.id + (force ? " by force" : ""),
                c -> Sql.update(c, "delete from organisation_root where id = ?", gone.id));
        forget(gone.id);
        return gone;
    }

    private static Kept refuseCurrent() {
        throw refused("the current root signs; promote another first");
    }

    private void requireNoNext() {
        if (of(Role.NEXT).isPresent()) {
            throw refused(
                    "a next root is there already; 'chaperone admin root promote' it, or drop it"
                            + " with 'retire --next'");
        }
    }

    static String fingerprint(Kept kept) {
        return OrganisationRoot.fingerprint(kept.root.certificate());
    }

    private static Problem refused(String why) {
        return new Problem(409, "CHP-SRV-050", why);
    }

    private Kept byId(String id) {
        return loaded.stream().filter(k -> k.id.equals(id)).findFirst().orElseThrow();
    }

    /** Whether a request waits for its answer. */
    Optional<String> requested() throws InterruptedException {
        return storage.read(c ->
                Sql.first(
                        c,
                        "select id from organisation_root where role = 'requested'",
                        r -> r.getString(1)));
    }

    /** A change of the table. */
    private interface Change {
        void in(Connection c) throws SQLException;
    }

    private void change(String actor, String what, Change change) throws InterruptedException {
        Instant now = clock.instant();
        boolean ignored =
                storage.write(c -> {
                    change.in(c);
                    Audit.append(c, now, actor, "change root", what);
                    return true;
                });
        try {
            load();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void insert(
            Connection c, String id, String role, OrganisationRoot root, long now)
            throws SQLException {
        StringBuilder chain = new StringBuilder();
        root.chain().forEach(x -> chain.append(Pem.encode(x)));
        Sql.update(
                c,
                "insert into organisation_root (id, role, key, chain, since) values (?,?,?,?,?)",
                id,
                role,
                Base64.getEncoder().encodeToString(key(root).getEncoded()),
                chain.toString(),
                now);
    }

    private static void assign(Connection c, String from, String to, long now) throws SQLException {
        Sql.update(
                c,
                "update organisation_root set role = ?, since = ? where role = ?",
                to,
                now,
                from);
    }

    /** A row before its key is read. */
    private record Row(String id, String role, String chain, Instant since) {}

    private void load() throws IOException, InterruptedException {
        List<Row> rows =
                storage.read(c ->
                        Sql.list(
                                c,
                                "select id, role, chain, since from organisation_root"
                                        + " where role <> 'requested' order by role",
                                r ->
                                        new Row(
                                                r.getString(1),
                                                r.getString(2),
                                                r.getString(3),
                                                Instant.ofEpochMilli(r.getLong(4)))));
        List<Kept> all = new ArrayList<>();
        for (Row row : rows) { // by name: current, next, previous
            if (!folder.hasRootKey(row.id)) {
                throw new IOException(
                        "keys/root-"
                                + row.id
                                + ".key is missing, and devices rely on it: restore it from a"
                                + " backup");
            }
            all.add(
                    new Kept(
                            row.id,
                            Role.valueOf(row.role.toUpperCase(Locale.ROOT)),
                            OrganisationRoot.of(read(row.id), Pem.decodeAll(row.chain)),
                            row.since));
        }
        loaded = List.copyOf(all);
    }

    private static PublicKey key(OrganisationRoot root) {
        return root.identity().certificate().getPublicKey();
    }

    private PrivateKey read(String id) {
        try {
            return Keys.privateKey(folder.rootKey(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a key before anything names it. */
    private String keep(PrivateKey key, PublicKey publicKey) {
        String id = ServerCa.sha256(publicKey).substring(0, 2 * ID_BYTES);
        try {
            folder.writeRootKey(id, key.getEncoded());
            return id;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forget(String id) {
        try {
            folder.deleteRootKey(id);
        } catch (IOException e) {
            // Nothing names it any more; it lies there as one file of mode 0600.
        }
    }

    private long now() {
        return clock.instant().toEpochMilli();
    }

    /** The role of this name, or null. */
    static @Nullable Role role(String text) {
        for (Role role : Role.values()) {
            if (role.text().equals(text)) {
                return role;
            }
        }
        return null;
    }
}
