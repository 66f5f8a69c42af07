// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one path out of a tool's line-by-line settings. */
final class Settings {
    private Settings() {}

    /**
     * The last file that a setting names; empty when there is none, or it does not exist.
     *
     * @param setting matches a whole line, with the value as its first group
     */
    static Optional<Path> last(Path file, String setting, Person person) throws IOException {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        Pattern line = Pattern.compile(setting);
        Optional<Path> found = Optional.empty();
        for (String l : Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList()) {
            Matcher m = line.matcher(l);
            if (m.matches()) {
                found = Optional.of(path(m.group(1).strip(), person));
            }
        }
        return found.filter(Files::isRegularFile);
    }

    private static Path path(String value, Person person) {
        boolean quoted =
                value.length() > 1
                        && "'\"".indexOf(value.charAt(0)) >= 0
                        && value.charAt(0) == value.charAt(value.length() - 1);
        String plain = quoted ? value.substring(1, value.length() - 1) : value;
        return plain.startsWith("~/")
                ? person.home().resolve(plain.substring(2))
                : person.home().resolve(plain);
    }
}
