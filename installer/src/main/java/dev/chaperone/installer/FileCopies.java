// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/** Files, whole or not at all. */
final class FileCopies {
    private FileCopies() {}

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Where the new content lies until it is moved over; a killed process may leave it. */
    static Path beside(Path file) {
        return file.resolveSibling("." + file.getFileName() + ".chaperone-new");
    }

    /** Copies content, owner, group and mode; durable when this returns. */
    static void copy(Path from, Path to) throws IOException {
        replace(to, Files.readAllBytes(from), from, "rw-r--r--");
    }

    /**
     * Writes a file beside and moves it over.
     *
     * @param like whose owner, group and mode it gets, when that exists
     * @param otherwise mode when {@code like} does not exist, as {@code rw-r--r--}
     */
    static void replace(Path file, byte[] content, Path like, String otherwise) throws IOException {
        Path fresh = beside(file);
        Files.deleteIfExists(fresh);
        try {
            try (FileChannel out =
                    FileChannel.open(
                            fresh,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")))) {
                java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    int written = out.write(bytes);
                    assert written >= 0;
                }
                out.force(true);
            }
            if (Files.exists(like)) {
                like(fresh, Files.readAttributes(like, PosixFileAttributes.class));
            } else {
                mode(fresh, PosixFilePermissions.fromString(otherwise));
            }
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            forceFolder(file);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static void like(Path file, PosixFileAttributes old) throws IOException {
        edit(
                file,
                view -> {
                    if (!old.owner().equals(view.readAttributes().owner())) {
                        view.setOwner(old.owner());
                    }
                    view.setGroup(old.group());
                    view.setPermissions(old.permissions());
                });
    }

    /**
     * Never through a link: whoever owns the folder could have put one in the file's place.
     *
     * @throws IOException when it is one
     */
    static void mode(Path file, Set<PosixFilePermission> mode) throws IOException {
        edit(file, view -> view.setPermissions(mode));
    }

    private interface Edit {
        void to(PosixFileAttributeView view) throws IOException;
    }

    /**
     * The view of {@link Files} follows a link when it sets a mode, whatever it is told (JDK 25).
     */
    private static void edit(Path file, Edit edit) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " is no file");
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            if (!(stream instanceof SecureDirectoryStream<Path> secure)) {
                throw new IOException(folder + " does not say what is a link");
            }
            edit.to(
                    secure.getFileAttributeView(
                            file.getFileName(),
                            PosixFileAttributeView.class,
                            LinkOption.NOFOLLOW_LINKS));
        }
    }

    private static void forceFolder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
