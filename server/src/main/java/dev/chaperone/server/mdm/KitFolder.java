// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that appears whole or not at all. Written beside its place, mode 0700, and moved there
 * in one step.
 */
public final class KitFolder implements AutoCloseable {
    private final Path target;
    private @Nullable Path draft;

    private KitFolder(Path target, Path draft) {
        this.target = target;
        this.draft = draft;
    }

    /** The folder that was asked for is there and not empty, or is no folder. */
    public static final class TakenException extends Exception {
        private static final long serialVersionUID = 1L;

        private TakenException(Path target) {
            super(
                    target
                            + " is there already and is no empty folder; give another, or remove"
                            + " it first");
        }
    }

    /**
     * Makes the draft, so that whoever cannot write learns it before anything else is done.
     *
     * @throws IOException when nothing can be written beside {@code target}
     */
    public static KitFolder prepare(Path target) throws IOException, TakenException {
        Path absolute = target.toAbsolutePath().normalize();
        if (Files.exists(absolute) && !isEmptyFolder(absolute)) {
            throw new TakenException(target);
        }
        Path parent = absolute.getParent();
        if (parent == null) {
            throw new TakenException(target);
        }
        return new KitFolder(absolute, Files.createTempDirectory(parent, ".mdm-kit-"));
    }

    private static boolean isEmptyFolder(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (Stream<Path> inside = Files.list(path)) {
            return inside.findAny().isEmpty();
        }
    }

    /** Writes everything and puts the folder in its place. */
    public void publish(List<KitFile> files) throws IOException {
        if (draft == null) {
            throw new IllegalStateException("published already");
        }
        boolean posix = Files.getFileStore(draft).supportsFileAttributeView("posix");
        for (KitFile file : files) {
            Path path = draft.resolve(file.path());
            Path above = path.getParent();
            if (above != null) {
                Files.createDirectories(above);
            }
            if (posix) { // nobody else can open it in between
                Files.createFile(
                        path,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
            }
            Files.write(path, file.content());
            if (posix) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(file.mode()));
            }
        }
        Files.move(
                draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        draft = null;
    }

    /** Takes away what was not published. */
    @Override
    public void close() {
        if (draft == null) {
            return;
        }
        try (Stream<Path> all = Files.walk(draft)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the unfinished kit " + draft + " stays", e);
        }
    }
}
