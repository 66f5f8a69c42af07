// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.Inert;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what an agent never leaves in its data folder: links, files of somebody else, pipes and
 * devices. Says it before a command stops half-way; that none of it can do harm is up to {@link
 * OwnerRights}.
 */
final class Planted extends SimpleFileVisitor<Path> {
    private static final int KIND = 0170000; // inode(7)
    private static final int FILE = 0100000;
    private static final int SOCKET = 0140000;

    private static final String REMEDY =
            ", which no agent makes; nothing was done: find out who did, remove it and try again";

    private final int owner;
    private @Nullable String found;

    private Planted(int owner) {
        this.owner = owner;
    }

    /**
     * The first thing found.
     *
     * @param owner user id of the folder's owner
     * @return one line with its remedy; empty when all is as it should be
     */
    static Optional<String> in(Path folder, int owner) {
        Planted visitor = new Planted(owner);
        try {
            Path ignored = Files.walkFileTree(folder, visitor);
        } catch (IOException e) {
            return Optional.of(
                    "data folder "
                            + folder
                            + " cannot be looked through by its owner; mend its mode");
        }
        return Optional.ofNullable(visitor.found).map(Inert::text); // names are the owner's choice
    }

    /** One of somebody else can only be root's doing (a mount's lost+found) and is left alone. */
    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
            throws IOException {
        try {
            return attribute(folder, "uid") == owner
                    ? FileVisitResult.CONTINUE
                    : FileVisitResult.SKIP_SUBTREE;
        } catch (NoSuchFileException e) {
            return FileVisitResult.SKIP_SUBTREE; // as below
        }
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        try {
            found = attributes.isSymbolicLink() ? link(file) : strange(file);
        } catch (NoSuchFileException e) {
            return FileVisitResult.CONTINUE; // a running agent's, which has just gone
        }
        return found == null ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }

    private static String link(Path file) {
        return file + " is a link" + REMEDY;
    }

    private @Nullable String strange(Path file) throws IOException {
        int kind = attribute(file, "mode") & KIND;
        if (kind != FILE && kind != SOCKET) {
            return file + " is neither a file nor a folder" + REMEDY;
        }
        if (attribute(file, "uid") == owner) {
            return null;
        }
        String whose = "'" + Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName() + "'";
        return attribute(file, "nlink") > 1
                ? file + " is another name of a file of " + whose + REMEDY
                : file
                        + " belongs to "
                        + whose
                        + "; nothing was done: give it to the folder's owner if you put it there,"
                        + " else remove it, and try again";
    }

    private static int attribute(Path file, String name) throws IOException {
        return Files.getAttribute(file, "unix:" + name, LinkOption.NOFOLLOW_LINKS)
                        instanceof Integer value
                ? value
                : 0;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
        // A folder is opened before it is shown: one of root's, such as lost+found, fails here.
        boolean others = e instanceof AccessDeniedException && attribute(file, "uid") != owner;
        if (others || e instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw e;
    }
}
