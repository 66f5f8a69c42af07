// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKeyVaultTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private static String mode(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void filesAndFolderAreTheOwnersAlone() throws Exception {
        Path keys = folder.resolve("keys");
        new FileKeyVault(keys).put("a-key", new byte[] {1, 2, 3});
        assertThat(mode(keys)).isEqualTo("rwx------");
        assertThat(mode(keys.resolve("a-key"))).isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(keys)) {
            assertThat(files).containsExactly(keys.resolve("a-key"));
        }
    }

    @Test
    void secretIsReadAgainReplacedAndAbsentOtherwise() throws Exception {
        FileKeyVault vault = new FileKeyVault(folder);
        assertThat(vault.get("a-key")).isEmpty();
        vault.put("a-key", new byte[] {1});
        vault.put("a-key", new byte[] {2});
        assertThat(new FileKeyVault(folder).get("a-key")).contains(new byte[] {2});
    }

    @Test
    void modeThatSomebodyLoosenedIsMendedOnReading() throws Exception {
        FileKeyVault vault = new FileKeyVault(folder);
        vault.put("a-key", new byte[] {1});
        Files.setPosixFilePermissions(
                folder.resolve("a-key"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(vault.get("a-key")).isPresent();
        assertThat(mode(folder.resolve("a-key"))).isEqualTo("rw-------");
        assertThat(vault.sealed()).isFalse();
    }
}
