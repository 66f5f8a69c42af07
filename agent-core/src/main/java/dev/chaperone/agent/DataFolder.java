// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.os.WholeFile;
import dev.chaperone.agent.sync.KeptIssuance;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.SigningIdentity;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The agent's data folder: mode 0700, one agent at a time. {@code ca.pem} is what clients must
 * trust: the device's own root, or those of the organisation it is enrolled with.
 */
public final class DataFolder implements AutoCloseable {
    private static final String ROOT_KEY = "device-root-key";

    /** What clients must trust: PEM, the root of the present chains first. */
    private static final String TRUSTED = "ca.pem";

    /**
     * The device's own root, also while another is in force; behind it former ones, whose keys are
     * gone. The machine's stores may hold each of them: the removal goes by this file.
     */
    private static final String OWN = "device-root.pem";

    private final Path folder;
    private @Nullable FileLock lock;

    private DataFolder(Path folder) {
        this.folder = folder;
    }

    /** The folder of a foreground agent: XDG, or what {@code --data-dir} says. */
    public static Path resolve(@Nullable Path given) {
        if (given != null) {
            return given.toAbsolutePath();
        }
        String xdg = System.getenv("XDG_DATA_HOME");
        Path base =
                xdg != null && !xdg.isBlank()
                        ? Path.of(xdg)
                        : Path.of(System.getProperty("user.home"), ".local/share");
        return base.resolve("chaperone");
    }

    /**
     * Opens the folder, making it when it is not there. Root opens one of another account with that
     * account's rights only ({@link OwnerRights}).
     *
     * @throws StartException with status 3 when it cannot be written, or is somebody else's
     */
    public static DataFolder open(Path folder) throws StartException {
        Optional<String> somebody = OwnerRights.missingIn(folder);
        if (somebody.isPresent()) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "data folder "
                            + folder
                            + " belongs to '"
                            + somebody.get()
                            + "': only that account runs an agent in it, not root; or give another"
                            + " --data-dir");
        }
        try {
            Files.createDirectories(folder);
            if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            }
            if (!Files.isWritable(folder)) {
                throw new IOException("not writable");
            }
            return new DataFolder(folder);
        } catch (IOException | UnsupportedOperationException e) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "data folder "
                            + folder
                            + " cannot be made or written; give another with --data-dir");
        }
    }

    /**
     * Takes the folder for this process.
     *
     * @throws StartException with status 3 when another agent has it
     */
    public DataFolder claim() throws StartException {
        try {
            FileChannel channel =
                    FileChannel.open(
                            folder.resolve("agent.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            lock = channel.tryLock();
            if (lock != null) {
                return this;
            }
            channel.close();
        } catch (IOException | OverlappingFileLockException e) {
            // Said below: whoever holds it, we cannot have it.
        }
        throw new StartException(
                ExitStatus.ENVIRONMENT,
                "another agent runs on data folder "
                        + folder
                        + "; stop it, or give this one another --data-dir");
    }

    public Path path() {
        return folder;
    }

    public Path caFile() {
        return folder.resolve(TRUSTED);
    }

    public KeyVault vault() throws IOException {
        return new FileKeyVault(folder.resolve("keys"));
    }

    /** The device's own root, in force; made at first start. */
    public DeviceRoot root(Instant now) throws IOException {
        KeyVault vault = vault();
        Optional<byte[]> key = vault.get(ROOT_KEY);
        Path own = folder.resolve(OWN);
        // Folders of before keep it in ca.pem alone, where nothing else could be.
        Optional<X509Certificate> certificate = Files.exists(own) ? first(own) : rootCertificate();
        if (key.isPresent() && certificate.isPresent()) {
            trust(folder, List.of(certificate.get()), vault);
            return DeviceRoot.of(
                    new SigningIdentity(certificate.get(), Keys.privateKey(key.get())));
        }
        DeviceRoot root = DeviceRoot.create("Chaperone", now);
        List<X509Certificate> all = new ArrayList<>(List.of(root.certificate()));
        if (Files.exists(own)) {
            all.addAll(all(own));
        }
        // In this order, so that after a crash no key meets the certificate of another.
        replace(own, all);
        vault.put(ROOT_KEY, root.identity().key().getEncoded());
        replace(caFile(), List.of(root.certificate()));
        return root;
    }

    /** Sees to it that {@code ca.pem} is there, whoever signs. */
    public void requireTrusted(Instant now) throws IOException {
        Optional<ServerLink> link = ServerLink.read(folder);
        if (link.isEmpty() || KeptIssuance.read(folder, link.get()).isEmpty()) {
            DeviceRoot ignored = root(now);
        }
    }

    /** The certificate that clients must trust; empty before the first start. */
    public Optional<X509Certificate> rootCertificate() throws IOException {
        return first(caFile());
    }

    private static Optional<X509Certificate> first(Path pem) throws IOException {
        return Files.exists(pem) ? all(pem).stream().findFirst() : Optional.empty();
    }

    private static List<X509Certificate> all(Path pem) throws IOException {
        return Pem.decodeAll(Files.readString(pem, StandardCharsets.ISO_8859_1));
    }

    /**
     * Says what clients must trust from now on. The device's own root is kept aside.
     *
     * @param folder a data folder
     * @param roots that of the present chains first
     */
    public static void trust(Path folder, List<X509Certificate> roots, KeyVault vault)
            throws IOException {
        Path trusted = folder.resolve(TRUSTED);
        Path own = folder.resolve(OWN);
        if (!Files.exists(own) && Files.exists(trusted) && vault.get(ROOT_KEY).isPresent()) {
            replace(own, all(trusted));
        }
        replace(trusted, roots);
    }

    /** The device's own root, in force or not; empty when it never had one. */
    public static Optional<X509Certificate> own(Path folder) throws IOException {
        return first(folder.resolve(OWN));
    }

    /**
     * Deletes the key of the device's own root: another's root is in force, and whoever reads the
     * key could vouch for any host before clients that trust the own one still. To be called after
     * {@link #trust}, which keeps the certificate.
     */
    public static void retireOwn(KeyVault vault) throws IOException {
        vault.remove(ROOT_KEY);
    }

    /**
     * The device's own root again, a new one where the key of the former is gone; where there never
     * was one it is made at the next start.
     */
    public static void trustOwn(Path folder, Instant now) throws IOException {
        if (own(folder).isPresent()) {
            DeviceRoot ignored = new DataFolder(folder).root(now);
        }
    }

    /** Whole or not at all: clients read it at any time. */
    private static void replace(Path file, List<X509Certificate> certificates) throws IOException {
        StringBuilder pem = new StringBuilder();
        certificates.forEach(c -> pem.append(Pem.encode(c)));
        if (Files.exists(file) && Files.readString(file).contentEquals(pem)) {
            return;
        }
        WholeFile.replace(file, pem.toString().getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() {
        try {
            if (lock != null) {
                lock.acquiredBy().close();
            }
        } catch (IOException e) {
            // The lock goes with the process.
        }
    }
}
