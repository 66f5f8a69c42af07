// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.machine.InstalledService;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of commands that look into an agent's data folder. */
public final class DataDirOption {
    @Option(names = "--data-dir", paramLabel = "DIR", description = "Data folder of the agent.")
    private @Nullable Path dataDir;

    /** What was asked for; else the machine's service for root, and the user's own folder. */
    Path resolve() {
        return meansService() && InstalledService.isRoot()
                ? InstalledService.DATA
                : DataFolder.resolve(dataDir);
    }

    /** Whether no folder was asked for on a machine with the service. */
    boolean meansService() {
        return dataDir == null && InstalledService.isInstalled();
    }

    /** Whether a folder was asked for. */
    boolean asked() {
        return dataDir != null;
    }
}
