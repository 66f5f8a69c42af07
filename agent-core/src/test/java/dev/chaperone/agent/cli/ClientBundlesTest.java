// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.agent.machine.InstalledService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientBundlesTest {
    private static final int ACCOUNT = 61_001;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path scratch;

    private Path wgetrc(Path dataDir) throws Exception {
        Path root = Files.writeString(scratch.resolve("root.pem"), "# none\n");
        return ClientBundles.of(dataDir, root, scratch.resolve("state").toString(), scratch)
                .wgetrc(Optional.empty());
    }

    @Test
    void bundlesLieInTheAgentsFolderOfThisUser() throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        assertThat(wgetrc(data)).hasParent(data);
    }

    /** Its owner could change what root's programs trust from then on. */
    @Test
    void rootsDoNotLieInTheFolderOfAnotherAccount() throws Exception {
        assumeTrue(InstalledService.isRoot(), "only root can write there");
        Path data = Files.createDirectory(scratch.resolve("data"));
        Path ignored = Files.setAttribute(data, "unix:uid", ACCOUNT);
        assertThat(wgetrc(data)).hasParent(scratch.resolve("state/chaperone/exec"));
        try (var inside = Files.list(data)) {
            assertThat(inside).isEmpty();
        }
    }
}
