// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
