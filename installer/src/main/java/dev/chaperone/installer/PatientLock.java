// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.time.Duration;
import java.util.Optional;

/** A file's lock that another process may hold for a while, and not for ever. */
public final class PatientLock {
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(20);

    private PatientLock() {}

    /**
     * Waits for it.
     *
     * @param channel open for writing
     * @param patience how long another process is waited for
     * @return empty when it has it still, when this very process has it (nothing is waited for
     *     then), or when this thread was interrupted, which it stays
     */
    public static Optional<FileLock> on(FileChannel channel, Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        try {
            FileLock lock = channel.tryLock();
            while (lock == null && System.nanoTime() < end) {
                Thread.sleep(BETWEEN_TRIES);
                lock = channel.tryLock();
            }
            return Optional.ofNullable(lock);
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
