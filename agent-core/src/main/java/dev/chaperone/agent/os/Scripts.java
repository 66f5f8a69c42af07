// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which program a general interpreter runs: an administrator looks for gemini, not for node. */
final class Scripts {
    private static final Pattern INTERPRETER =
            Pattern.compile(
                    "(?:node|nodejs|bun|deno|ruby|perl|python[0-9.]*|pypy[0-9.]*)(?:\\.exe)?");

    /** Options whose value is the next argument. */
    private static final Set<String> WITH_VALUE =
            Set.of("-r", "--require", "--import", "--loader", "-W", "-X", "-C", "--conditions");

    /** Options after which there is no file. */
    private static final Set<String> INLINE = Set.of("-e", "--eval", "-p", "--print", "-c", "-");

    private Scripts() {}

    /**
     * The script of a command line.
     *
     * @param executable path of the running executable
     * @param arguments its command line, the program first
     * @return path or module name of the script as it was given; empty for a program that is no
     *     interpreter, and for one that runs text of its command line or standard input
     */
    static Optional<String> of(String executable, List<String> arguments) {
        String name = executable.substring(executable.lastIndexOf('/') + 1);
        if (!INTERPRETER.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
            return Optional.empty();
        }
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (INLINE.contains(argument)) {
                return Optional.empty();
            }
            if (argument.equals("-m") && i + 1 < arguments.size()) {
                return Optional.of(arguments.get(i + 1));
            }
            if (WITH_VALUE.contains(argument)) {
                i++;
            } else if (!argument.startsWith("-") && !argument.equals("run")) {
                return Optional.of(named(argument));
            }
        }
        return Optional.empty();
    }

    /** {@code …/claude-code/cli.js} is claude-code: a file named for its part names its folder. */
    private static String named(String script) {
        Path path = Path.of(script).normalize();
        String file =
                String.valueOf(path.getFileName()).replaceFirst("\\.(?:[cm]?js|py|rb|pl)$", "");
        Path folder = path.getParent();
        while (Set.of(
                                "index",
                                "main",
                                "cli",
                                "__main__",
                                "run",
                                "bin",
                                "dist",
                                "src",
                                "lib",
                                "build")
                        .contains(file)
                && folder != null
                && folder.getFileName() != null) {
            file = folder.getFileName().toString();
            folder = folder.getParent();
        }
        return folder == null ? file : folder.resolve(file).toString();
    }
}
