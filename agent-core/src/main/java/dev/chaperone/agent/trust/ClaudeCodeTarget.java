// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Claude Code: {@code NODE_EXTRA_CA_CERTS} under {@code env} of the person's {@code
 * ~/.claude/settings.json} (Claude Code documentation, "Enterprise network configuration": every
 * variable of that page may stand there).
 */
final class ClaudeCodeTarget implements TrustTarget {
    private static final String ENV = "env";
    private static final String VARIABLE = "NODE_EXTRA_CA_CERTS";

    /** What decides about trust; anything else of the settings may hold keys and addresses. */
    private static final List<String> COPIED =
            List.of(VARIABLE, "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_OPTIONS");

    @Override
    public String name() {
        return "claude-code";
    }

    @Override
    public List<Path> programs(Person person) {
        return person.program("claude").stream().toList();
    }

    private static Path settings(Person person) {
        return person.variable("CLAUDE_CONFIG_DIR")
                .map(Path::of)
                .orElse(person.home().resolve(".claude"))
                .resolve("settings.json");
    }

    /** A settings folder of its own, so that the run leaves no trace and sends no key anywhere. */
    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question)
            throws IOException, TrustException {
        Path folder = Files.createDirectory(question.scratch().resolve("claude"));
        Path settings = settings(person);
        Map<String, String> env = new LinkedHashMap<>();
        if (Files.isReadable(settings)) {
            byte[] document = Files.readAllBytes(settings);
            for (String name : COPIED) {
                try {
                    JsonMember.read(document, ENV, name).ifPresent(v -> env.put(name, v));
                } catch (TrustException e) {
                    throw new TrustException(settings + " " + e.getMessage());
                }
            }
        }
        String copy = JsonMapper.builder().build().writeValueAsString(Map.of(ENV, env));
        Files.writeString(folder.resolve("settings.json"), copy);
        return Optional.of(
                new Probe(
                        List.of(program.toString(), "-p", "-"),
                        Map.of(
                                "CLAUDE_CONFIG_DIR", folder.toString(),
                                "ANTHROPIC_BASE_URL", question.url(),
                                "ANTHROPIC_API_KEY", "none",
                                "CLAUDE_CODE_USE_BEDROCK", "0",
                                "CLAUDE_CODE_USE_VERTEX", "0",
                                "CLAUDE_CODE_MAX_RETRIES", "0",
                                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        Path file = settings(person);
        Optional<String> own = Optional.empty();
        if (Files.isReadable(file)) {
            try {
                own = JsonMember.read(Files.readAllBytes(file), ENV, VARIABLE);
            } catch (TrustException e) {
                throw new TrustException(file + " " + e.getMessage());
            }
        }
        Optional<Path> theirs =
                own.map(Path::of).filter(Files::isRegularFile).or(() -> person.fileOf(VARIABLE));
        Path bundle = folder.bundle("claude-code", theirs, true);
        return Repair.file(
                file, new JsonMember(ENV, VARIABLE, bundle.toString(), own.orElse(null)));
    }
}
