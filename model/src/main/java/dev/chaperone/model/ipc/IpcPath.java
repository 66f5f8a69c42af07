// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the socket of an agent lies. */
public final class IpcPath {
    /** Where the machine's service listens; it serves every user (DESIGN §4.5). */
    public static final Path SERVICE = Path.of("/run/chaperone/agent.sock");

    private IpcPath() {}

    /**
     * {@code $XDG_RUNTIME_DIR/chaperone.sock} for the agent of the standard data folder, else
     * {@code agent.sock} in its data folder. Empty when neither path is short enough for a socket
     * address.
     *
     * @param runtimeDir value of {@code XDG_RUNTIME_DIR}, or null
     */
    public static Optional<Path> of(
            Path dataDir, Path standardDataDir, @Nullable String runtimeDir) {
        Path inData = dataDir.resolve("agent.sock");
        boolean standard =
                dataDir.equals(standardDataDir)
                        && runtimeDir != null
                        && Files.isDirectory(Path.of(runtimeDir));
        Path first = standard ? Path.of(runtimeDir).resolve("chaperone.sock") : inData;
        return Optional.of(first)
                .filter(IpcPath::fits)
                .or(() -> Optional.of(inData).filter(IpcPath::fits));
    }

    private static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= Ipc.MAX_PATH;
    }
}
