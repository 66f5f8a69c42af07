// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledServiceTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path scratch;

    @Test
    void folderIsTheSameByWhateverName() throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        Path link = Files.createSymbolicLink(scratch.resolve("link"), data);
        Path other = Files.createDirectory(scratch.resolve("other"));
        assertThat(InstalledService.same(link, data)).isTrue();
        assertThat(InstalledService.same(other.resolve("../data/."), data)).isTrue();
        assertThat(InstalledService.same(other, data)).isFalse();
    }

    @Test
    void folderThatIsNotThereIsKnownByItsName() {
        Path data = scratch.resolve("data");
        assertThat(InstalledService.same(scratch.resolve("x/../data"), data)).isTrue();
        assertThat(InstalledService.same(scratch.resolve("x"), data)).isFalse();
        assertThat(InstalledService.owns(Path.of("/var/lib/chaperone"))).isTrue();
    }
}
