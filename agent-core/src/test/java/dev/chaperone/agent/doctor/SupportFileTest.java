// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.pause.PauseDesk;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.policies.PolicyDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a bundle for support holds and what it leaves out; where it cannot be written. */
class SupportFileTest {
    private static final Path NO_CONFIG = Path.of("/none/config.yaml");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private Path data;

    @BeforeEach
    void make() throws Exception {
        data = Files.createDirectory(folder.resolve("data"));
    }

    private String written(String entry, Map<String, ?> doctor, Path config) throws Exception {
        Path file = folder.resolve("bundle.zip");
        Files.deleteIfExists(file);
        assertThat(SupportBundle.write(file, data, config, doctor)).contains(entry);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return new String(
                    zip.getInputStream(zip.getEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whyAPersonPausedIsTheirOwn() throws Exception {
        LifecycleLog log =
                new LifecycleLog(
                        data, new FileKeyVault(data.resolve("keys")), InstantSource.system());
        PolicyDocument.Pause allowed = new PolicyDocument.Pause(Duration.ofMinutes(5), true);
        try (PauseDesk desk =
                new PauseDesk(() -> Optional.of(allowed), log, InstantSource.system())) {
            Instant until =
                    desk.pause(7, new PauseRequest(3, "Ann Example's own words", Via.TERMINAL));
            assertThat(until).isAfter(Instant.EPOCH);
        }
        assertThat(Files.readString(data.resolve("lifecycle.jsonl"))).contains("own words");
        assertThat(written("lifecycle.json", Map.of(), NO_CONFIG))
                .contains("3 min, until ", "terminal", "uid 7")
                .doesNotContain("own words", "Ann");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the company's proxy proxy.corp.test:3128 (upstream-proxy)|(host):3128 (up",
                "connect proxy:3128: ConnectException|connect (host):3128: Con",
                "connect [fd00::1]:3128: x|connect (host):3128: x",
                "CONNECT api.test:443 by 10.1.2.3:8080: 407|CONNECT (host):443 by (host):8080: 407",
                "upstream-proxy: http://proxy.corp.test:3128 in|upstream-proxy: https://(host) in",
                "/home/ann/.pki/nssdb|/home/(user)/.pki/nssdb",
                "listening on 127.0.0.1:18080|listening on 127.0.0.1:18080",
                "last at 2026-11-29T13:44:48.999Z|last at 2026-11-29T13:44:48.999Z",
                "in force: baseline@922d6f051c24|in force: baseline@922d6f051c24",
                "sha256:b88998e421dc|sha256:b88998e421dc",
                "Result=success NRestarts=0|Result=success NRestarts=0",
            })
    void sentencesOfDoctorNameNoHostAndNoPerson(String says, String expected) throws Exception {
        String held =
                written(
                        "doctor.json",
                        Map.of("checks", List.of(Map.of("name", "n", "says", says))),
                        NO_CONFIG);
        assertThat(held).contains(expected);
    }

    @Test
    void hostsThatAreNotOpenedAreLeftOut() throws Exception {
        Map<String, String> check =
                Map.of("name", "not-opened", "state", "note", "says", "h.test", "evidence", "e");
        assertThat(written("doctor.json", Map.of("checks", List.of(check)), NO_CONFIG))
                .contains("not-opened", "note", "(left out)")
                .doesNotContain("h.test");
    }

    @Test
    void settingsAreKeysAndFigures() throws Exception {
        Path config = folder.resolve("config.yaml");
        Files.writeString(
                config,
                "listen: 127.0.0.1:1\nonce: true\nlate: 3 s\nproxy: p.test:1\nSecret.Key: {a: [b]}\n");
        assertThat(written("config.json", Map.of(), config))
                .contains("127.0.0.1:1", "true", "3 s", "(8 characters)", "(key 1)")
                .doesNotContain("p.test", "Secret");
        Files.writeString(config, "a: [");
        assertThat(written("config.json", Map.of(), config)).contains("\"read\" : false");
    }

    @Test
    void whereItCannotBeWrittenNothingIsLeft() throws Exception {
        Path there = Files.writeString(folder.resolve("there"), "mine");
        Path lost = folder.resolve("no").resolve("bundle.zip");
        Path refused = Path.of("/proc/bundle.zip");
        for (Map.Entry<Path, String> one :
                Map.of(
                                there, " is there already; give another name",
                                folder, " is there already; give another name",
                                lost, ": its folder is not there; make it, or give another",
                                refused, " cannot be written (")
                        .entrySet()) {
            assertThatThrownBy(() -> SupportBundle.write(one.getKey(), data, NO_CONFIG, Map.of()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(one.getKey() + one.getValue());
        }
        assertThat(there).hasContent("mine");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(there, data);
        }
    }
}
