// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Secrets as files of mode 0600 in a folder of mode 0700. Protects against other users, not against
 * other programs of the same user: {@code doctor} names that.
 */
public final class FileKeyVault implements KeyVault {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private final Path folder;

    /** Opens or makes the folder. */
    public FileKeyVault(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        if (posix()) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Override
    public Optional<byte[]> get(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        if (posix() && !Files.getPosixFilePermissions(file).equals(OWNER_ONLY)) {
            Files.setPosixFilePermissions(file, OWNER_ONLY);
        }
        return Optional.of(Files.readAllBytes(file));
    }

    @Override
    public void put(String name, byte[] secret) throws IOException {
        Path fresh = folder.resolve(name + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel out =
                posix()
                        ? FileChannel.open(
                                fresh,
                                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                                PosixFilePermissions.asFileAttribute(OWNER_ONLY))
                        : FileChannel.open(
                                fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(secret);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(
                fresh,
                folder.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void remove(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name + ".new"));
        Files.deleteIfExists(folder.resolve(name));
    }

    private boolean posix() {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public String describe() {
        return "files of mode 0600: safe from other users, not from other programs of this user";
    }

    @Override
    public boolean sealed() {
        return false;
    }
}
