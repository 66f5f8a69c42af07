// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Where the shells of a person read variables for new terminals and desktop sessions. */
final class TerminalFiles {
    private TerminalFiles() {}

    /** One line in each file that a shell of this person reads at its start. */
    static Map<Path, Edit> edits(Person person, TrustFolder folder) {
        Path home = person.home();
        Map<Path, Edit> edits = new LinkedHashMap<>();
        // bash(1), INVOCATION: a login shell reads the first of these; other shells .profile.
        Path login =
                Stream.of(".bash_profile", ".bash_login", ".profile")
                        .map(home::resolve)
                        .filter(Files::exists)
                        .findFirst()
                        .orElse(home.resolve(".profile"));
        MarkedBlock posix = sourcing(Shell.SH, folder.path().resolve("environment.sh"));
        edits.put(login, posix);
        String shell = person.variable("SHELL").orElse("");
        Path zsh = person.variable("ZDOTDIR").map(Path::of).orElse(home);
        if (shell.endsWith("/zsh") || Files.exists(zsh.resolve(".zshrc"))) {
            edits.put(zsh.resolve(".zshenv"), posix); // zsh(1), STARTUP/SHUTDOWN FILES
        }
        Path fish = person.config().resolve("fish");
        if (shell.endsWith("/fish") || Files.isDirectory(fish)) {
            edits.put(
                    fish.resolve("conf.d/chaperone-trust.fish"), // fish(1), configuration files
                    sourcing(Shell.FISH, folder.path().resolve("environment.fish")));
        }
        return edits;
    }

    private static MarkedBlock sourcing(Shell shell, Path file) {
        String quoted = shell.quote(file.toString());
        return new MarkedBlock(
                List.of(
                        shell == Shell.FISH
                                ? "test -r " + quoted + "; and source " + quoted
                                : "[ -r " + quoted + " ] && . " + quoted + " || :"));
    }
}
