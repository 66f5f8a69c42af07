// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kit's shell scripts in a real shell, beside a stand-in for the installed command. */
@DisabledOnOs(OS.WINDOWS) // no POSIX shell
class KitScriptsTest {
    private static final String ANSWER =
            "{\"protected\":false,\"checks\":[{\"state\":\"ok\",\"name\":\"port\",\"says\":\"x\",\"remedy\":\"\"},"
                    + "{\"remedy\":\"do { it }\",\"says\":\"no \\\"state\\\":\\\"bad\\\"\",\"name\":\"root-trust\",\"state\":\"bad\"},"
                    + "{\"name\":\"socket\",\"state\":\"bad\",\"says\":\"\",\"remedy\":\"\"}]}";

    @TempDir Path folder;

    private record Ran(int status, String out) {}

    private Ran sh(Map<String, String> environment, String... words) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(Stream.of("sh"), Stream.of(words)).toList());
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).directory(folder.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Ran(process.exitValue(), out);
    }

    private Path script(String path) throws Exception {
        KitFile file = Kits.file(Kits.files(Kits.input(Kits.HOSTILE, Kits.HOSTILE_PAC)), path);
        Path to = folder.resolve(Path.of(path).getFileName().toString());
        return Files.write(to, file.content());
    }

    @Test
    void everyScriptParses() throws Exception {
        for (KitFile file : Kits.files(Kits.input(Kits.HOSTILE, Kits.HOSTILE_PAC)).values()) {
            if (file.path().endsWith(".sh")) {
                assertThat(sh(Map.of(), "-n", script(file.path()).toString()))
                        .as(file.path())
                        .isEqualTo(new Ran(0, ""));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, Chaperone protects this computer",
        "1, 1, Chaperone does not protect this computer: root-trust socket",
        "3, 1, Chaperone is installed and does not answer"
    })
    void detectionSaysWhatDoctorSays(int doctor, int status, String says) throws Exception {
        Path command = Files.createDirectory(folder.resolve("bin")).resolve("chaperone");
        Files.writeString(folder.resolve("answer"), ANSWER + "\n");
        Files.writeString(
                command,
                "#!/bin/sh\n[ \"$*\" = 'doctor --json' ] || exit 70\ncat '"
                        + folder.resolve("answer")
                        + "'\nexit "
                        + doctor
                        + "\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        String path = command.getParent() + ":" + System.getenv("PATH");
        assertThat(sh(Map.of("PATH", path), script("linux/detect.sh").toString()))
                .isEqualTo(new Ran(status, says + "\n"));
    }

    @Test
    void detectionWithoutTheProgramSaysSo() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        String detect = script("linux/detect.sh").toString();
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", detect).redirectErrorStream(true);
        builder.environment().put("PATH", empty.toString());
        Process process = builder.start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("Chaperone is not installed\n");
        assertThat(process.waitFor()).isEqualTo(1);
    }

    @Test
    void installationSaysWhatIsWrong() throws Exception {
        String install = script("linux/install.sh").toString();
        assertThat(sh(Map.of(), install))
                .isEqualTo(
                        new Ran(2, "chaperone: usage: install.sh PACKAGE, a .deb or .rpm file\n"));
        assertThat(sh(Map.of(), install, "x.deb").status()).isEqualTo(3);
        assertThat(sh(Map.of(), script("macos/jamf-install.sh").toString()).status()).isEqualTo(2);
        assertThat(List.of(install))
                .allSatisfy(i ->
                        assertThat(Files.readString(Path.of(i)))
                                .contains("token='" + Kits.TOKEN.text() + "'"));
    }
}
