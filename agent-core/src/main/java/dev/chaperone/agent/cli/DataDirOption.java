// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of commands that look into an agent's data folder. */
public final class DataDirOption {
    @Option(names = "--data-dir", paramLabel = "DIR", description = "Data folder of the agent.")
    private @Nullable Path dataDir;

    Path resolve() {
        return DataFolder.resolve(dataDir);
    }
}
