// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * curl: {@code cacert} of the person's {@code .curlrc}, which beats the environment's {@code
 * CURL_CA_BUNDLE} and {@code SSL_CERT_FILE} (curl(1), --config and --cacert).
 */
final class CurlTarget implements TrustTarget {
    @Override
    public String name() {
        return "curl";
    }

    @Override
    public List<Path> programs(Person person) {
        return person.program("curl").stream().toList();
    }

    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question) {
        return Optional.of(
                new Probe(
                        List.of(
                                program.toString(),
                                "-sS",
                                "--max-time",
                                "10",
                                "--proxy",
                                question.proxyUrl(),
                                question.url()),
                        Map.of()));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        Path file = file(person);
        Optional<Path> theirs =
                Settings.last(file, "\\s*(?:--)?cacert(?:\\s*[=:]\\s*|\\s+)(.+)", person)
                        .or(() -> person.fileOf("CURL_CA_BUNDLE"))
                        .or(() -> person.fileOf("SSL_CERT_FILE"));
        Path bundle = folder.bundle("curl", theirs, false);
        String quoted = bundle.toString().replace("\\", "\\\\").replace("\"", "\\\"");
        return Repair.file(file, new MarkedBlock(List.of("cacert = \"" + quoted + "\"")));
    }

    /**
     * The first that exists of the places where curl looks, and it takes the first only; else
     * {@code ~/.curlrc} (curl(1), --config).
     */
    private static Path file(Person person) {
        List<Path> places = new ArrayList<>();
        person.variable("CURL_HOME").ifPresent(h -> places.add(Path.of(h, ".curlrc")));
        person.variable("XDG_CONFIG_HOME").ifPresent(h -> places.add(Path.of(h, "curlrc")));
        Path usual = person.home().resolve(".curlrc");
        places.add(usual);
        places.add(person.home().resolve(".config/curlrc"));
        return places.stream().filter(Files::exists).findFirst().orElse(usual);
    }
}
