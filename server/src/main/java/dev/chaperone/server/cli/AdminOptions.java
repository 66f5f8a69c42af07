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

    @Option(
            names = "--ca",
            paramLabel = "PEM",
            description = "The server's CA; ca.pem of the data folder when left out.")
    private @Nullable Path ca;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description = "The admin token; admin.token of the data folder when left out.")
    private @Nullable Path adminTokenFile;

    Path ca() {
        return ca == null ? ServerFolder.existing(folder()).caFile() : ca;
    }

    Path adminToken() {
        return adminTokenFile == null
                ? ServerFolder.existing(folder()).adminTokenFile()
                : adminTokenFile;
    }

    @Nullable URI server() {
        return server;
    }

    Path folder() {
        return ServerFolder.resolve(dataDir);
    }
}
