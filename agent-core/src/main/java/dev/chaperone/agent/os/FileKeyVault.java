// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
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
        this(folder, true);
    }

    private FileKeyVault(Path folder, boolean make) throws IOException {
        this.folder = folder;
        if (make) {
            Files.createDirectories(folder);
        }
        if (make && posix()) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** As it is, for who only looks: a folder that is not there is not made, and holds nothing. */
    public static FileKeyVault asItIs(Path folder) throws IOException {
        return new FileKeyVault(folder, false);
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
        Path file = folder.resolve(name);
        if (posix()) {
            WholeFile.replace(file, secret, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            WholeFile.replace(file, secret);
        }
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
