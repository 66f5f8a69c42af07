// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;

/**
 * A machine: where its files begin, its people and its programs.
 *
 * @param root {@code /}, or a folder that stands for it
 * @param commands its programs
 */
public record Machine(Path root, Commands commands) {
    private static final int FIRST_PERSON = 1000;
    private static final int NOBODY = 65534;

    /** This machine. */
    public static Machine here() {
        return new Machine(Path.of("/"), new SystemCommands());
    }

    /**
     * Where a file of the machine lies.
     *
     * @param absolute a path that begins with {@code /}
     */
    public Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    public boolean exists(String absolute) {
        return Files.exists(path(absolute));
    }

    /**
     * Whether nobody but who owns the machine's root folder can put another file at a path: no
     * folder on the way, nor the file, is a link, is somebody else's or may be written by others.
     *
     * @param absolute of a file that exists
     */
    public boolean isOutOfOthersReach(String absolute) throws IOException {
        UserPrincipal owner = Files.getOwner(root);
        Path at = root;
        for (Path name : root.relativize(path(absolute))) {
            at = at.resolve(name);
            PosixFileAttributes found =
                    Files.readAttributes(at, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isSymbolicLink()
                    || !found.owner().equals(owner)
                    || found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                    || found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
                return false;
            }
        }
        return true;
    }

    /**
     * People's accounts whose homes exist, root's too, logged in or not: what the system's account
     * databases name, a directory service's included where it lets them be listed.
     */
    public List<UserAccount> users() throws IOException {
        Commands.Ended listed = commands.run(List.of("getent", "passwd"));
        List<String> lines =
                listed.ok()
                        ? listed.output().lines().toList()
                        : Files.readAllLines(path("/etc/passwd"));
        return lines.stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= 7 && fields[2].matches("\\d{1,9}"))
                .map(fields ->
                        new UserAccount(fields[0], Integer.parseInt(fields[2]), Path.of(fields[5])))
                .filter(u -> u.uid() == 0 || u.uid() >= FIRST_PERSON && u.uid() != NOBODY)
                .filter(u -> u.home().isAbsolute() && Files.isDirectory(path(u.home().toString())))
                .toList();
    }
}
