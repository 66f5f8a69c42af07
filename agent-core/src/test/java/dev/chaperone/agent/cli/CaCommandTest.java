// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Looking at a root certificate makes none. With a real service: installer/linux/proof. */
class CaCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new CaCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "export"})
    void lookingMakesNothing(String command) {
        Path data = folder.resolve("data");
        assertThat(run(command, "--data-dir", data.toString())).isEqualTo(ExitStatus.ENVIRONMENT);
        assertThat(err.toString())
                .startsWith("chaperone: no root certificate in " + data + "; ")
                .hasLineCount(1);
        assertThat(out.toString()).isEmpty();
        assertThat(data).doesNotExist();
    }

    @Test
    void whatWasMadeIsShownAndWritten() throws Exception {
        String data = folder.resolve("data").toString();
        assertThat(run("make", "--data-dir", data)).isEqualTo(ExitStatus.DONE);
        Path file = folder.resolve("data/ca.pem");
        String made = Files.readString(file);
        assertThat(run("make", "--data-dir", data)).isEqualTo(ExitStatus.DONE);
        assertThat(run("status", "--data-dir", data)).isEqualTo(ExitStatus.DONE);
        assertThat(out.toString()).startsWith("file     " + file);
        Path copy = folder.resolve("copy.pem");
        assertThat(run("export", "--data-dir", data, copy.toString())).isEqualTo(ExitStatus.DONE);
        assertThat(copy).hasContent(made);
    }

    @Test
    void theServicesRootIsReadAsItIsPublished() throws Exception {
        String data = folder.resolve("data").toString();
        assertThat(run("make", "--data-dir", data)).isEqualTo(ExitStatus.DONE);
        Path published = Files.copy(folder.resolve("data/ca.pem"), folder.resolve("ca.pem"));
        assertThat(CaCommand.published(published).pem()).isEqualTo(Files.readString(published));
        Path missing = folder.resolve("missing.pem");
        assertThatThrownBy(() -> CaCommand.published(missing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chaperone machine repair");
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        assertThatThrownBy(() -> CaCommand.published(empty))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no certificate");
    }
}
