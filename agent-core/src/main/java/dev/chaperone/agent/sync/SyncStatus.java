// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.os.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * How the sync stands, for {@code doctor}: {@code sync-status.json} in the data folder.
 *
 * @param device id of the device
 * @param server address of the agents' listener
 * @param delivered last number that the server has
 * @param pending numbers that the server does not have yet
 * @param lastDone when a round was last complete, or null
 * @param problem why the last round was not, one line; empty when it was
 * @param policyVersion version of the bundle in force; 0 for none
 * @param policyState how it stands
 * @param policyProblem why an offer was refused, or null
 * @param clockOffset own clock minus the server's, seconds; null when it was not measured
 * @param lifecycleFinding what of the lifecycle log contradicts what the server has, or null
 */
public record SyncStatus(
        String device,
        String server,
        long delivered,
        long pending,
        @Nullable Instant lastDone,
        String problem,
        long policyVersion,
        BundleKeeper.State policyState,
        @Nullable String policyProblem,
        @Nullable Long clockOffset,
        @Nullable String lifecycleFinding) {
    private static final String FILE = "sync-status.json";

    /** Jackson makes one of any object: a damaged file is none. */
    public SyncStatus {
        Objects.requireNonNull(device);
        Objects.requireNonNull(server);
        Objects.requireNonNull(problem);
        Objects.requireNonNull(policyState);
    }

    /** The same, with another time. */
    SyncStatus asOf(@Nullable Instant done) {
        return new SyncStatus(
                device,
                server,
                delivered,
                pending,
                done,
                problem,
                policyVersion,
                policyState,
                policyProblem,
                clockOffset,
                lifecycleFinding);
    }

    static void write(Path dataDir, SyncStatus status) {
        try {
            WholeFile.replace(dataDir.resolve(FILE), Enroller.JSON.writeValueAsBytes(status));
        } catch (IOException e) {
            // doctor then sees the last one, whose time tells
        }
    }

    /** The last one written; empty when there is none. */
    public static Optional<SyncStatus> read(Path dataDir) {
        try {
            return Optional.ofNullable(
                    Enroller.JSON.readValue(
                            Files.readAllBytes(dataDir.resolve(FILE)), SyncStatus.class));
        } catch (IOException | JacksonException e) {
            return Optional.empty();
        }
    }
}
