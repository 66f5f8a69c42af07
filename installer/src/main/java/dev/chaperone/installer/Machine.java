// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A machine: where its files begin, its people and its programs.
 *
 * @param root {@code /}, or a folder that stands for it
 * @param commands its programs
 */
public record Machine(Path root, Commands commands) {
    private static final int FIRST_PERSON = 1000;
    private static final int NOBODY = 65534;

    /** Of getent(1). */
    private static final int NO_SUCH_KEY = 2;

    /** The roots that clients are to trust, in PEM, for everybody to read. */
    public static final String PUBLIC_ROOT = "/etc/chaperone/ca.pem";

    /** Where people's folders lie; whose owner the account databases do not list. */
    private static final List<String> OF_PEOPLE = List.of("/home", "/run/user");

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
     * databases list, and who owns a folder in {@code /home} or {@code /run/user}: a directory
     * service lets itself be asked, but as a rule not be listed (sssd.conf(5), {@code enumerate}).
     */
    public List<UserAccount> users() throws IOException {
        Map<Integer, UserAccount> found = new LinkedHashMap<>();
        accounts().forEach(u -> found.putIfAbsent(u.uid(), u));
        for (int uid : owners()) {
            if (!found.containsKey(uid)) {
                user(uid).ifPresent(u -> found.put(uid, u));
            }
        }
        return found.values().stream()
                .filter(u -> u.uid() == 0 || u.uid() >= FIRST_PERSON && u.uid() != NOBODY)
                .filter(u -> u.home().isAbsolute() && Files.isDirectory(path(u.home().toString())))
                .toList();
    }

    /** An account of this machine or its directory, whether its home is here or not. */
    public Optional<UserAccount> user(String name) throws IOException {
        return accounts(name).stream().filter(u -> u.name().equals(name)).findFirst();
    }

    /** The same by its number. */
    public Optional<UserAccount> user(int uid) throws IOException {
        return accounts(Integer.toString(uid)).stream().filter(u -> u.uid() == uid).findFirst();
    }

    /**
     * Whether a home is somewhere else now, not mounted or not for root to read: what lies in it
     * cannot be told. One that is here holds something.
     */
    boolean isAway(UserAccount user) {
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(path(user.home().toString()))) {
            return !entries.iterator().hasNext();
        } catch (IOException e) {
            return true;
        }
    }

    /** Those that the account databases list, or answer for one name or number. */
    private List<UserAccount> accounts(String... asked) throws IOException {
        List<String> command = new ArrayList<>(List.of("getent", "passwd", "--"));
        command.addAll(List.of(asked));
        Commands.Ended answer = commands.run(command);
        if (answer.ok()) {
            return parse(answer.output().lines());
        }
        return asked.length > 0 && answer.status() == NO_SUCH_KEY
                ? List.of()
                : parse(Files.readAllLines(path("/etc/passwd")).stream());
    }

    private static List<UserAccount> parse(Stream<String> lines) {
        return lines.map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= 7 && fields[2].matches("\\d{1,9}"))
                .map(fields ->
                        new UserAccount(fields[0], Integer.parseInt(fields[2]), Path.of(fields[5])))
                .toList();
    }

    private Set<Integer> owners() throws IOException {
        Set<Integer> uids = new TreeSet<>();
        for (String place : OF_PEOPLE) {
            if (!Files.isDirectory(path(place))) {
                continue;
            }
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(path(place))) {
                for (Path folder : folders) {
                    Object uid = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
                    if (uid instanceof Integer number) {
                        uids.add(number);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return uids;
    }
}
