// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The agent's data folder: mode 0700, one agent at a time, the device root inside ({@code ca.pem}
 * is the part that clients must trust).
 */
public final class DataFolder implements AutoCloseable {
    private static final String ROOT_KEY = "device-root-key";

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
     * Opens the folder, making it when it is not there.
     *
     * @throws StartException with status 3 when it cannot be written
     */
    public static DataFolder open(Path folder) throws StartException {
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
        return folder.resolve("ca.pem");
    }

    public KeyVault vault() throws IOException {
        return new FileKeyVault(folder.resolve("keys"));
    }

    /** The device root; made at first start. */
    public DeviceRoot root(Instant now) throws IOException {
        KeyVault vault = vault();
        Optional<byte[]> key = vault.get(ROOT_KEY);
        Optional<X509Certificate> certificate = rootCertificate();
        if (key.isPresent() && certificate.isPresent()) {
            return DeviceRoot.of(
                    new SigningIdentity(certificate.get(), Keys.privateKey(key.get())));
        }
        DeviceRoot root = DeviceRoot.create("Chaperone", now);
        vault.put(ROOT_KEY, root.identity().key().getEncoded());
        Files.writeString(caFile(), Pem.encode(root.certificate()), StandardCharsets.US_ASCII);
        return root;
    }

    /** The certificate that clients must trust; empty before the first start. */
    public Optional<X509Certificate> rootCertificate() throws IOException {
        return Files.exists(caFile())
                ? Pem.decodeAll(Files.readString(caFile(), StandardCharsets.ISO_8859_1)).stream()
                        .findFirst()
                : Optional.empty();
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
