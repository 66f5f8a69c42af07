// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Files that are whole and on the disk, or not there, whenever the machine stops. */
final class DurableFile {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER_OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");

    private DurableFile() {}

    /** Replaces a file of ours, readable by its owner only. */
    static void write(Path file, byte[] content) throws IOException {
        replace(file, file.resolveSibling(file.getFileName() + ".new"), content, OWNER_ONLY);
    }

    /**
     * Replaces a file by way of another in the same folder.
     *
     * @param temporary is not there afterwards; what a crash left of it is overwritten
     */
    static void replace(
            Path file, Path temporary, byte[] content, Set<PosixFilePermission> permissions)
            throws IOException {
        Files.deleteIfExists(temporary);
        FileAttribute<Set<PosixFilePermission>> closed =
                PosixFilePermissions.asFileAttribute(OWNER_ONLY);
        try (FileChannel out =
                FileChannel.open(
                        temporary,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        closed)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                int _ = out.write(rest);
            }
            Files.setPosixFilePermissions(temporary, permissions);
            out.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        Files.move(
                temporary,
                file,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        syncFolder(file);
    }

    static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncFolder(file);
        }
    }

    /** The folders that {@link #makeFolders} would make, outermost first. */
    static List<Path> missing(Path folder) {
        List<Path> missing = new ArrayList<>();
        for (Path p = folder; p != null && !Files.exists(p); p = p.getParent()) {
            missing.addFirst(p);
        }
        return missing;
    }

    static void makeFolders(Path folder) throws IOException {
        for (Path p : missing(folder)) {
            Files.createDirectory(p, PosixFilePermissions.asFileAttribute(FOLDER_OWNER_ONLY));
        }
    }

    private static void syncFolder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel f = FileChannel.open(folder, StandardOpenOption.READ)) {
                f.force(true);
            }
        }
    }
}
