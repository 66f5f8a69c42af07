// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** GNU Wget: {@code ca_certificate} of the person's {@code .wgetrc} (Wget manual §6.1, §6.3). */
final class WgetTarget implements TrustTarget {
    @Override
    public String name() {
        return "wget";
    }

    @Override
    public List<Path> programs(Person person) {
        return person.program("wget").stream().toList();
    }

    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question) {
        return Optional.of(
                new Probe(
                        List.of(
                                program.toString(),
                                "-nv",
                                "--no-hsts", // it would note the host in the home
                                "--tries=1",
                                "--timeout=10",
                                "-e",
                                "use_proxy=yes",
                                "-e",
                                "https_proxy=" + question.proxyUrl(),
                                "-O",
                                "-",
                                question.url()),
                        Map.of()));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        Path file =
                person.variable("WGETRC").map(Path::of).orElse(person.home().resolve(".wgetrc"));
        Optional<Path> theirs = Settings.last(file, "(?i)\\s*ca_?certificate\\s*=\\s*(.+)", person);
        Path bundle = folder.bundle("wget", theirs, false);
        return Repair.file(file, new MarkedBlock(List.of("ca_certificate = " + bundle)));
    }
}
