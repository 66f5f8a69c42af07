// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.model.service.AiService;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.ServerCa;
import dev.chaperone.policies.bundle.BundleSigner;
import dev.chaperone.policies.catalogue.CatalogueFormatException;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import dev.chaperone.server.admin.AdminKeys;
import dev.chaperone.server.admin.AdminRoutes;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.cli.PolicyCheckMain;
import dev.chaperone.server.console.ConsoleRoutes;
import dev.chaperone.server.enrol.ClientCertificates;
import dev.chaperone.server.enrol.EnrolRoutes;
import dev.chaperone.server.enrol.EnrolmentDesk;
import dev.chaperone.server.enrol.Tokens;
import dev.chaperone.server.http.ApiDocument;
import dev.chaperone.server.http.ServerTls;
import dev.chaperone.server.ingest.Ingest;
import dev.chaperone.server.ingest.IngestRoutes;
import dev.chaperone.server.ingest.Pseudonyms;
import dev.chaperone.server.ingest.Retention;
import dev.chaperone.server.ingest.StatusDesk;
import dev.chaperone.server.lifecycle.LifecycleDesk;
import dev.chaperone.server.lifecycle.LifecycleRoutes;
import dev.chaperone.server.policy.PolicyCheckProcess;
import dev.chaperone.server.policy.PolicyRoutes;
import dev.chaperone.server.policy.PolicyShelf;
import dev.chaperone.server.report.ReportRoutes;
import dev.chaperone.server.report.Reports;
import dev.chaperone.server.root.IssuanceDesk;
import dev.chaperone.server.root.OrganisationRoots;
import dev.chaperone.server.root.RootRoutes;
import dev.chaperone.server.store.SqliteStorage;
import dev.chaperone.server.store.Storage;
import dev.chaperone.server.store.StorageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A running server: the composition of all parts. */
public final class Server implements AutoCloseable {
    private final ServerFolder folder;
    private final Storage storage;
    private final Listeners listeners;
    private final Maintenance maintenance;
    private final Optional<URI> adminLink;
    private final Optional<EnrolmentToken> token;

    private Server(
            ServerFolder folder,
            Storage storage,
            Listeners listeners,
            Maintenance maintenance,
            @Nullable URI adminLink,
            @Nullable EnrolmentToken token) {
        this.folder = folder;
        this.storage = storage;
        this.listeners = listeners;
        this.maintenance = maintenance;
        this.adminLink = Optional.ofNullable(adminLink);
        this.token = Optional.ofNullable(token);
    }

    /**
     * Starts a server; it listens when this returns.
     *
     * @param clock the present; tests move it
     * @throws StartException with one clear line when it cannot
     */
    public static Server start(ServerOptions options, InstantSource clock)
            throws StartException, InterruptedException {
        ServerFolder folder = ServerFolder.claim(options.dataDir());
        Storage storage = null;
        try {
            folder.protectDatabase();
            storage = SqliteStorage.open(folder.database());
            return start(options, clock, folder, storage);
        } catch (IOException | StorageException e) {
            close(storage, folder);
            throw new StartException("data folder " + options.dataDir() + ": " + e.getMessage());
        } catch (StartException e) {
            close(storage, folder);
            throw e;
        }
    }

    private static void close(@Nullable Storage storage, ServerFolder folder) {
        if (storage != null) {
            storage.close();
        }
        folder.close();
    }

    private static Server start(
            ServerOptions options, InstantSource clock, ServerFolder folder, Storage storage)
            throws IOException, StartException, InterruptedException {
        if (Tokens.any(storage)) {
            folder.requireKeys();
        }
        ServerCa ca = folder.ca(clock.instant());
        OrganisationRoots roots = OrganisationRoots.open(storage, folder, clock);
        KeyPair bundleKeys = folder.bundleKeys();
        ServerTls tls = new ServerTls(ca, Names.of(options), clock);
        Listeners listeners = new Listeners(options, tls);
        Tokens tokens =
                new Tokens(storage, clock, listeners::console, ServerCa.pin(ca.certificate()));
        AdminKeys admins =
                new AdminKeys(storage, clock, folder.makeAdminToken(), listeners::console);
        Audit audit = new Audit(storage, clock);
        PolicyShelf shelf =
                new PolicyShelf(
                        storage,
                        clock,
                        new BundleSigner(bundleKeys),
                        new PolicyCheckProcess(PolicyCheckMain.class.getName()));
        ClientCertificates clients = new ClientCertificates(storage, clock, ca);
        IssuanceDesk issuing =
                new IssuanceDesk(storage, clock, roots, shelf, ownServices(options.services()));
        EnrolRoutes enrol =
                new EnrolRoutes(
                        new EnrolmentDesk(
                                storage,
                                clock,
                                ca,
                                listeners::agents,
                                bundleKeys.getPublic(),
                                issuing),
                        clients,
                        issuing);
        IngestRoutes ingest =
                new IngestRoutes(
                        clients,
                        new Ingest(
                                storage,
                                clock,
                                new Pseudonyms(folder.pseudonymKey()),
                                options.retention()),
                        new StatusDesk(storage, clock),
                        issuing);
        PolicyRoutes policy = new PolicyRoutes(shelf, admins, clients);
        Reports reading = new Reports(storage, options.minimumGroup());
        ReportRoutes reports = new ReportRoutes(reading, admins, audit, clock);
        ConsoleRoutes console =
                new ConsoleRoutes(reading, admins, audit, clock, options.dataDir().toString());
        AdminRoutes admin = new AdminRoutes(storage, clock, admins, audit, tokens);
        RootRoutes rootRoutes = new RootRoutes(storage, clock, admins, audit, roots, issuing);
        LifecycleRoutes lifecycle =
                new LifecycleRoutes(
                        storage, new LifecycleDesk(storage, clock), clients, admins, audit);
        Health health = new Health(storage);
        listeners.start(
                routing -> {
                    health.console(routing);
                    enrol.console(routing);
                    admin.console(routing);
                    rootRoutes.console(routing);
                    lifecycle.console(routing);
                    policy.console(routing);
                    reports.console(routing);
                    console.console(routing);
                    ApiDocument.console(routing);
                },
                routing -> {
                    enrol.agents(routing);
                    ingest.agents(routing);
                    lifecycle.agents(routing);
                    policy.agents(routing);
                });
        boolean first = !Tokens.any(storage);
        folder.writeAddress(listeners.console(), listeners.agents());
        Maintenance maintenance =
                Maintenance.start(tls, shelf, new Retention(storage, clock, options.retention()));
        return new Server(
                folder,
                storage,
                listeners,
                maintenance,
                first || options.newLink() ? admins.newLink().link() : null,
                first || options.newToken() ? tokens.issue(options.terms()) : null);
    }

    /** The company's own services, read now so that a mistake ends the start. */
    private static List<AiService> ownServices(List<Path> files) throws StartException {
        List<AiService> own = new ArrayList<>();
        for (Path file : files) {
            try {
                own.add(CatalogueLoader.parse(Files.readAllBytes(file), file.toString()));
            } catch (IOException e) {
                throw new StartException("--service " + file + ": cannot be read; check the path");
            } catch (CatalogueFormatException e) {
                throw new StartException(String.valueOf(e.getMessage()));
            }
        }
        return own;
    }

    /** Base address of the console listener, as others reach it. */
    public URI console() {
        return listeners.console();
    }

    /** Base address of the agents' listener. */
    public URI agents() {
        return listeners.agents();
    }

    /** A link that serves once; at first start or when asked for. */
    public Optional<URI> adminLink() {
        return adminLink;
    }

    /** A token for devices; at first start or when asked for. */
    public Optional<EnrolmentToken> token() {
        return token;
    }

    /** Stops listening, commits what was taken. */
    @Override
    public void close() {
        maintenance.close();
        listeners.close();
        storage.close();
        folder.close();
    }
}
