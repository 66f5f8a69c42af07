// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * git: {@code http.sslCAInfo} of the person's configuration, which the environment's {@code
 * GIT_SSL_CAINFO} beats (git-config(1)). {@code http.proxy} is not ours to set.
 */
final class GitTarget implements TrustTarget {
    private static final String VARIABLE = "GIT_SSL_CAINFO";

    @Override
    public String name() {
        return "git";
    }

    @Override
    public List<Path> programs(Person person) {
        return person.program("git").stream().toList();
    }

    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question) {
        return Optional.of(
                new Probe(
                        List.of(
                                program.toString(),
                                "-c",
                                "http.proxy=" + question.proxyUrl(),
                                "ls-remote",
                                question.url()),
                        Map.of("GIT_TERMINAL_PROMPT", "0")));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        if (person.variable(VARIABLE).isPresent()) {
            return Repair.variable(VARIABLE, folder.bundle("git", person.fileOf(VARIABLE), false));
        }
        Path file = file(person);
        Optional<Path> theirs = Settings.last(file, "(?i)\\s*sslCAInfo\\s*=\\s*(.+)", person);
        Path bundle = folder.bundle("git", theirs, false);
        return Repair.file(
                file, new MarkedBlock(List.of("[http]", "\tsslCAInfo = " + quoted(bundle))));
    }

    /** The file that {@code git config --global} writes (git-config(1), FILES). */
    private static Path file(Person person) {
        Path usual = person.home().resolve(".gitconfig");
        Path xdg = person.config().resolve("git/config");
        return person.variable("GIT_CONFIG_GLOBAL")
                .map(Path::of)
                .orElse(!Files.exists(usual) && Files.exists(xdg) ? xdg : usual);
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
