// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.server.ServerFolder;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server to ask. On the server's machine the data folder says it all. */
final class AdminOptions {
    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "The server's console; what runs on the data folder when left out.")
    private @Nullable URI server;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "The server's data folder, for its CA and the admin token.")
    private @Nullable Path dataDir;

    @Nullable URI server() {
        return server;
    }

    Path folder() {
        return ServerFolder.resolve(dataDir);
    }
}
