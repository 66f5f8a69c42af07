// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.cli.DoctorCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A canary in prompts, and in every file that a careless bundle would take along. */
class SupportBundleTest {
    private static final String LETTERS =
            "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

    private final String canary = SampleSecrets.text(new Random(), LETTERS, 48);
    private final CanarySearch search = new CanarySearch(canary);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private record Ran(int status, String err) {}

    private Ran doctor(Path data, Path bundle) {
        StringWriter err = new StringWriter();
        int status =
                new CommandLine(new DoctorCommand())
                        .setOut(new PrintWriter(new StringWriter()))
                        .setErr(new PrintWriter(err))
                        .execute(
                                "--data-dir",
                                data.toString(),
                                "--config",
                                folder.resolve("config.yaml").toString(),
                                "--bundle",
                                bundle.toString());
        return new Ran(status, err.toString());
    }

    private Map<String, String> leaks(Path bundle) throws Exception {
        Map<String, String> found = new TreeMap<>();
        try (ZipFile zip = new ZipFile(bundle.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                byte[] content = zip.getInputStream(entry).readAllBytes();
                search.find(content).ifPresent(form -> found.put(entry.getName(), form));
            }
        }
        return found;
    }

    @Test
    void nothingOfWhatWasPlantedIsInTheBundle() throws Exception {
        try (AgentUnderTest agent = new AgentUnderTest(folder, Optional.empty())) {
            assertThat(ServerUnderTest.ask(agent, "hello " + canary + " and " + canary))
                    .contains("200");
            agent.awaitEvent(_ -> true);
            Path data = agent.data();
            for (String name :
                    new String[] {"notes.txt", "agent.log", "keys/device-key-x", "server.token"}) {
                Files.writeString(data.resolve(name), canary);
            }
            Files.writeString(
                    folder.resolve("config.yaml"),
                    "listen: 127.0.0.1:18080\n# "
                            + canary
                            + "\npolicy: /srv/"
                            + canary
                            + "\n"
                            + canary
                            + ": {token: "
                            + canary
                            + "}\ndecision-timeout: 300ms\n");
            Path bundle = folder.resolve("bundle.zip");
            Ran ran = doctor(data, bundle);
            assertThat(ran.err()).contains("bundle.zip");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(bundle)))
                    .isEqualTo("rw-------");
            assertThat(leaks(bundle)).isEmpty();
            try (ZipFile zip = new ZipFile(bundle.toFile())) {
                assertThat(zip.stream().map(ZipEntry::getName))
                        .containsExactlyInAnyOrder(
                                "doctor.json",
                                "versions.json",
                                "config.json",
                                "counters.json",
                                "lifecycle.json",
                                "machine.json",
                                "journal.json");
                String config =
                        new String(
                                zip.getInputStream(zip.getEntry("config.json")).readAllBytes(),
                                StandardCharsets.UTF_8);
                assertThat(config).contains("127.0.0.1:18080").contains("300ms");
            }
            assertThat(doctor(data, bundle).status()).as("is there already").isEqualTo(2);
            assertThat(leaks(withOneMore(bundle, data.resolve("notes.txt"))))
                    .as("the search finds a file that was copied")
                    .containsOnlyKeys("notes.txt");
        }
    }

    /** What a careless bundle would be. */
    private Path withOneMore(Path bundle, Path file) throws Exception {
        Path more = folder.resolve("careless.zip");
        try (ZipFile zip = new ZipFile(bundle.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(more))) {
            for (ZipEntry entry : zip.stream().toList()) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(zip.getInputStream(entry).readAllBytes());
                out.closeEntry();
            }
            out.putNextEntry(new ZipEntry("notes.txt"));
            out.write(Files.readAllBytes(file));
            out.closeEntry();
        }
        return more;
    }
}
