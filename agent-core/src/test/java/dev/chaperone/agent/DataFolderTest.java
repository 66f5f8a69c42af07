// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.chaperone.agent.cli.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void isTheOwnersAlone() throws Exception {
        Path data = folder.resolve("a/b");
        DataFolder.open(data).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
    }

    @Test
    void secondInstanceEndsWithStatusThreeAndOneLine() throws Exception {
        try (DataFolder first = DataFolder.open(folder).claim()) {
            assertThat(first.path()).isEqualTo(folder);
            assertThatExceptionOfType(StartException.class)
                    .isThrownBy(() -> DataFolder.open(folder).claim())
                    .matches(e -> e.exitStatus() == ExitStatus.ENVIRONMENT)
                    .withMessageContaining("another agent runs")
                    .withMessageNotContaining("\n");
        }
        DataFolder.open(folder).claim().close(); // free again
    }

    @Test
    void folderThatCannotBeMadeEndsWithStatusThreeAndOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> DataFolder.open(file.resolve("data")))
                .matches(e -> e.exitStatus() == ExitStatus.ENVIRONMENT)
                .withMessageContaining("--data-dir")
                .withMessageNotContaining("\n");
    }

    @Test
    void rootIsMadeOnce() throws Exception {
        DataFolder data = DataFolder.open(folder);
        assertThat(data.rootCertificate()).isEmpty();
        var first = data.root(Instant.now()).certificate();
        assertThat(data.root(Instant.now()).certificate()).isEqualTo(first);
        assertThat(data.rootCertificate()).contains(first);
    }
}
