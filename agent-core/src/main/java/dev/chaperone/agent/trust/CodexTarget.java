// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Codex: {@code SSL_CERT_FILE} in the {@code .env} of its folder, which it loads at its start and
 * in which it takes no {@code CODEX_…} variable; {@code CODEX_CA_CERTIFICATE} of the environment
 * beats it (Codex documentation, "Environment variables"; its arg0 start-up).
 */
final class CodexTarget implements TrustTarget {
    private static final String VARIABLE = "SSL_CERT_FILE";
    private static final String BEATS_IT = "CODEX_CA_CERTIFICATE";
    private static final String LINE = "\\s*(?:export\\s+)?SSL_CERT_FILE\\s*=\\s*(.+)";

    @Override
    public String name() {
        return "codex";
    }

    @Override
    public List<Path> programs(Person person) {
        return person.program("codex").stream().toList();
    }

    private static Path file(Person person) {
        return person.variable("CODEX_HOME")
                .map(Path::of)
                .orElse(person.home().resolve(".codex"))
                .resolve(".env");
    }

    /**
     * A folder of its own, with nothing of the person's but what decides about trust, and without
     * plugins: it fetches their list from services of its maker, which is no question of ours.
     */
    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question)
            throws IOException {
        Path folder = Files.createDirectory(question.scratch().resolve("codex"));
        Optional<Path> set = Settings.last(file(person), LINE, person);
        if (set.isPresent()) {
            Files.writeString(
                    folder.resolve(".env"),
                    VARIABLE + "='" + set.get() + "'\n",
                    StandardCharsets.UTF_8);
        }
        String provider =
                "model_providers.probe={name=\"probe\",base_url=\""
                        + question.url()
                        + "\",env_key=\"PROBE_KEY\",wire_api=\"responses\",request_max_retries=0,"
                        + "stream_max_retries=0}";
        return Optional.of(
                new Probe(
                        List.of(
                                program.toString(),
                                "exec",
                                "--skip-git-repo-check",
                                "-c",
                                "model_provider=probe",
                                "-c",
                                "features.plugins=false",
                                "-c",
                                provider,
                                "Hello."),
                        Map.of("CODEX_HOME", folder.toString(), "PROBE_KEY", "none")));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        if (person.variable(BEATS_IT).isPresent()) {
            return Repair.variable(
                    BEATS_IT, folder.bundle("codex", person.fileOf(BEATS_IT), false));
        }
        Path file = file(person);
        Optional<Path> theirs = Settings.last(file, LINE, person).or(() -> person.fileOf(VARIABLE));
        Path bundle = folder.bundle("codex", theirs, false);
        return Repair.file(file, new MarkedBlock(List.of(VARIABLE + "=\"" + bundle + "\"")));
    }
}
