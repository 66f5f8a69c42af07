// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Whose tools they are.
 *
 * @param home an existing folder
 * @param environment what a new login shell of the person has, without what {@code exec} and {@code
 *     env} set and without any proxy
 */
record Person(Path home, Map<String, String> environment) {
    private static final int SHELL_SECONDS = 10;
    private static final String MARK = "\0chaperone\0";
    private static final List<String> SHELLS = List.of("sh", "bash", "dash", "zsh", "ksh", "fish");
    private static final List<String> PROXIES =
            List.of("http_proxy", "https_proxy", "all_proxy", "no_proxy");

    Person {
        environment = Map.copyOf(environment);
    }

    /**
     * The person who runs this process.
     *
     * @param folder ours: variables that lead there are what we set, and come from the shell anew
     */
    static Person current(Path home, Map<String, String> process, Path folder) {
        Map<String, String> own = new HashMap<>(Variables.withoutOurs(process));
        own.values().removeIf(v -> v.startsWith(folder.toString()));
        Map<String, String> login = new HashMap<>(loginShell(own));
        login.keySet().removeIf(n -> PROXIES.contains(n.toLowerCase(Locale.ROOT)));
        // Version managers and virtual environments are on the path of the terminal that asks.
        login.merge(
                "PATH", own.getOrDefault("PATH", ""), (theirs, asking) -> asking + ":" + theirs);
        // Of the shell that printed it, not of the person.
        login.keySet().removeAll(List.of("_", "SHLVL", "PWD", "OLDPWD"));
        return new Person(home, login);
    }

    /** Asks the login shell: profile files set variables and the path. */
    private static Map<String, String> loginShell(Map<String, String> own) {
        String shell = own.getOrDefault("SHELL", "/bin/sh");
        Path name = Path.of(shell).getFileName();
        if (name == null
                || !SHELLS.contains(name.toString())
                || !Files.isExecutable(Path.of(shell))) {
            return own;
        }
        try {
            Path out = Files.createTempFile("chaperone-env", "");
            try {
                ProcessBuilder builder =
                        new ProcessBuilder(
                                shell, "-l", "-c", "printf '\\000chaperone\\000'; exec env -0");
                builder.environment().clear();
                builder.environment().putAll(own);
                builder.redirectInput(new File("/dev/null"))
                        .redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
                Process process = builder.start();
                if (!process.waitFor(SHELL_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    return own;
                }
                return parse(Files.readString(out, StandardCharsets.UTF_8)).orElse(own);
            } finally {
                Files.deleteIfExists(out);
            }
        } catch (IOException e) {
            return own;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return own;
        }
    }

    private static Optional<Map<String, String>> parse(String printed) {
        int at = printed.lastIndexOf(MARK);
        if (at < 0) {
            return Optional.empty();
        }
        Map<String, String> all = new HashMap<>();
        for (String line : printed.substring(at + MARK.length()).split("\0", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                all.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(v -> !v.isBlank());
    }

    /** Where a variable leads, when that is a file. */
    Optional<Path> fileOf(String name) {
        return variable(name).map(Path::of).filter(Files::isRegularFile);
    }

    /** XDG Base Directory Specification 0.8. */
    Path config() {
        return variable("XDG_CONFIG_HOME").map(Path::of).orElse(home.resolve(".config"));
    }

    /** An installed program. */
    Optional<Path> program(String name) {
        for (String folder : environment.getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder).resolve(name);
            if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** A path as people write it. */
    String shown(Path path) {
        return path.startsWith(home) ? "~/" + home.relativize(path) : path.toString();
    }
}
