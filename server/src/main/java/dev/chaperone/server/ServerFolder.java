// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServerCa;
import dev.chaperone.pki.SigningIdentity;
import dev.chaperone.policies.bundle.BundleKeys;
import dev.chaperone.server.http.Secrets;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server's data folder: mode 0700, keys 0600, one server at a time. {@code ca.pem}, {@code
 * admin.token} and {@code address} are what the command line of the same machine reads.
 */
public final class ServerFolder implements AutoCloseable {
    private static final String OWNER_ONLY = "rw-------";

    private final Path folder;
    private final boolean posix;
    private @Nullable FileLock lock;

    private ServerFolder(Path folder) {
        this.folder = folder;
        this.posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** XDG, or what {@code --data-dir} says. */
    public static Path resolve(@Nullable Path given) {
        if (given != null) {
            return given.toAbsolutePath();
        }
        String xdg = System.getenv("XDG_DATA_HOME");
        Path base =
                xdg != null && !xdg.isBlank()
                        ? Path.of(xdg)
                        : Path.of(System.getProperty("user.home"), ".local/share");
        return base.resolve("chaperone-server");
    }

    /** A folder to read from, whether a server runs on it or not. */
    public static ServerFolder existing(Path folder) {
        return new ServerFolder(folder);
    }

    /**
     * Opens the folder, making it when it is not there, and takes it for this process.
     *
     * @throws StartException when it cannot be written or another server has it
     */
    static ServerFolder claim(Path path) throws StartException {
        ServerFolder folder = new ServerFolder(path);
        try {
            Files.createDirectories(path);
            if (folder.posix) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            }
            Files.createDirectories(path.resolve("keys"));
        } catch (IOException | UnsupportedOperationException e) {
            throw new StartException(
                    "data folder "
                            + path
                            + " cannot be made or written; give another with --data-dir");
        }
        folder.lock();
        return folder;
    }

    private void lock() throws StartException {
        try {
            FileChannel channel =
                    FileChannel.open(
                            folder.resolve("server.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            lock = channel.tryLock();
            if (lock != null) {
                return;
            }
            channel.close();
        } catch (OverlappingFileLockException e) {
            // Said below.
        } catch (IOException e) {
            throw new StartException(
                    "data folder "
                            + folder
                            + " cannot be made or written; give another with --data-dir");
        }
        throw new StartException(
                "another server runs on data folder "
                        + folder
                        + "; stop it, or give this one another --data-dir");
    }

    Path database() {
        return folder.resolve("server.db");
    }

    /** Makes the database's file before SQLite does, so that nobody else can read it. */
    void protectDatabase() throws IOException {
        if (!Files.exists(database())) {
            Files.createFile(database());
        }
        if (posix) {
            Files.setPosixFilePermissions(database(), PosixFilePermissions.fromString(OWNER_ONLY));
        }
    }

    /**
     * New keys in the place of lost ones would lock every device out, and say nothing.
     *
     * @throws StartException naming the first that is missing
     */
    void requireKeys() throws StartException {
        for (String file :
                List.of(
                        "ca.pem",
                        "keys/ca.key",
                        "keys/bundle.key",
                        "keys/bundle.pub",
                        "keys/pseudonyms.key")) {
            if (!Files.exists(folder.resolve(file))) {
                throw new StartException(
                        folder.resolve(file)
                                + " is missing, and devices rely on it: restore it from a backup");
            }
        }
    }

    /** The CA; made at first start. */
    ServerCa ca(Instant now) throws IOException {
        Path key = folder.resolve("keys/ca.key");
        if (Files.exists(key) && Files.exists(caFile())) {
            return ServerCa.of(
                    new SigningIdentity(
                            certificate(caFile()), Keys.privateKey(Files.readAllBytes(key))));
        }
        ServerCa ca = ServerCa.create("Chaperone", now);
        write(key, ca.identity().key().getEncoded());
        write(caFile(), Pem.encode(ca.certificate()).getBytes(StandardCharsets.US_ASCII));
        return ca;
    }

    public Path caFile() {
        return folder.resolve("ca.pem");
    }

    /** The first certificate of a PEM file. */
    public static X509Certificate certificate(Path pem) throws IOException {
        return Pem.decodeAll(Files.readString(pem, StandardCharsets.ISO_8859_1)).stream()
                .findFirst()
                .orElseThrow(() -> new IOException("the file holds no certificate"));
    }

    /** PKCS #8 of one of the organisation's roots. */
    public byte[] rootKey(String id) throws IOException {
        return Files.readAllBytes(rootKeyFile(id));
    }

    public boolean hasRootKey(String id) {
        return Files.exists(rootKeyFile(id));
    }

    /** Durable when this returns. */
    public void writeRootKey(String id, byte[] pkcs8) throws IOException {
        write(rootKeyFile(id), pkcs8);
    }

    public void deleteRootKey(String id) throws IOException {
        Files.deleteIfExists(rootKeyFile(id));
    }

    private Path rootKeyFile(String id) {
        return folder.resolve("keys/root-" + id + ".key");
    }

    /** The key that signs bundles; made at first start. */
    KeyPair bundleKeys() throws IOException {
        Path privateKey = folder.resolve("keys/bundle.key");
        Path publicKey = folder.resolve("keys/bundle.pub");
        if (Files.exists(privateKey) && Files.exists(publicKey)) {
            return new KeyPair(
                    BundleKeys.publicKey(Files.readAllBytes(publicKey)),
                    BundleKeys.privateKey(Files.readAllBytes(privateKey)));
        }
        KeyPair fresh = BundleKeys.generate();
        write(publicKey, fresh.getPublic().getEncoded());
        write(privateKey, fresh.getPrivate().getEncoded());
        return fresh;
    }

    /** The key of pseudonyms; made at first start. */
    byte[] pseudonymKey() throws IOException {
        return kept(
                folder.resolve("keys/pseudonyms.key"),
                () -> {
                    byte[] fresh = new byte[32];
                    new SecureRandom().nextBytes(fresh);
                    return fresh;
                });
    }

    /** The bearer token of administrators on this machine; made at first start. */
    String makeAdminToken() throws IOException {
        byte[] token =
                kept(adminTokenFile(), () -> Secrets.fresh().getBytes(StandardCharsets.US_ASCII));
        return new String(token, StandardCharsets.US_ASCII).strip();
    }

    /** Where it lies. */
    public Path adminTokenFile() {
        return folder.resolve("admin.token");
    }

    /** Tells the command line where this server listens. */
    void writeAddress(URI console, URI agents) throws IOException {
        String text = "console=" + console + "\nagents=" + agents + "\n";
        write(folder.resolve("address"), text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The console's address of the server that runs here, or ran last. */
    public URI console() throws IOException {
        Properties address = new Properties();
        try (var in = Files.newBufferedReader(folder.resolve("address"))) {
            address.load(in);
        }
        return URI.create(address.getProperty("console", ""));
    }

    private byte[] kept(Path file, Supplier<byte[]> make) throws IOException {
        if (!Files.exists(file)) {
            write(file, make.get());
        }
        return Files.readAllBytes(file);
    }

    /** Whole or not at all, and never readable by others in between. */
    private void write(Path file, byte[] bytes) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        if (posix) {
            Files.createFile(
                    fresh,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(OWNER_ONLY)));
        }
        try (FileChannel out =
                FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.write(java.nio.ByteBuffer.wrap(bytes));
            out.force(true);
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
