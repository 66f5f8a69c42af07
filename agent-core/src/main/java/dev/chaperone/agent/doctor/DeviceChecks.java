// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Clock, disk, what waits for the server, and how old its word is. */
final class DeviceChecks {
    private static final Duration POLICY_OLD = Duration.ofDays(3);
    private static final Duration WAITS_LONG = Duration.ofDays(1);

    /** Certificates are dated back by as much at most. */
    private static final Duration CLOCK_WRONG = Duration.ofHours(1);

    private static final Duration CLOCK_OFF = Duration.ofMinutes(2);

    /** What a file system's own clock may differ by. */
    private static final Duration FILE_SLACK = Duration.ofMinutes(10);

    private static final long LITTLE = 500L << 20;
    private static final long NONE = 50L << 20;

    private final Path folder;
    private final Instant now;
    private final CheckList checks;

    private DeviceChecks(Path folder, Instant now, String language) {
        this.folder = folder;
        this.now = now;
        this.checks = new CheckList("device", language);
    }

    static List<Check> examine(Path folder, Instant now, String language) {
        DeviceChecks all = new DeviceChecks(folder, now, language);
        SyncStatus sync = all.enrolled() ? SyncStatus.read(folder).orElse(null) : null;
        if (sync != null) {
            all.freshness(sync);
            all.spool(sync);
        }
        all.clock(sync);
        all.disk(free(folder));
        return all.checks.all();
    }

    private boolean enrolled() {
        try {
            return ServerLink.read(folder).isPresent();
        } catch (IOException e) {
            return false; // that it is damaged is another condition
        }
    }

    /** Each whole round asks for the policy. */
    private void freshness(SyncStatus sync) {
        Instant last = sync.lastDone();
        if (last == null) {
            checks.note("policy-freshness", "fresh.never");
            checks.evidence("no whole round with the server in sync-status.json");
            return;
        }
        long days = Math.max(0, Duration.between(last, now).toDays());
        if (last.isBefore(now.minus(POLICY_OLD))) {
            checks.note("policy-freshness", "fresh.old", days, last);
        } else {
            checks.ok("policy-freshness", "fresh.ok", last);
        }
        checks.evidence("last whole round with the server " + last);
    }

    private void spool(SyncStatus sync) {
        try {
            EventReader reader =
                    new EventReader(folder, FileKeyVault.asItIs(folder.resolve("keys")));
            Optional<Instant> oldest = reader.oldestPending();
            long dropped = reader.dropped();
            if (dropped > 0) {
                checks.note("spool", "spool.dropped", sync.pending(), dropped);
            } else if (oldest.isPresent() && oldest.get().isBefore(now.minus(WAITS_LONG))) {
                checks.note("spool", "spool.waits", sync.pending(), oldest.get());
            } else {
                checks.ok("spool", "spool.ok", sync.pending());
            }
            checks.evidence(
                    "pending="
                            + sync.pending()
                            + " oldest="
                            + oldest.map(Instant::toString).orElse("none")
                            + " dropped="
                            + dropped);
        } catch (IOException e) {
            // That the store cannot be read is another condition.
        }
    }

    private void clock(@Nullable SyncStatus sync) {
        Long offset = sync == null ? null : sync.clockOffset();
        Optional<Instant> seen = latestSeen();
        if (offset != null && Math.abs(offset) > CLOCK_OFF.toSeconds()) {
            if (Math.abs(offset) > CLOCK_WRONG.toSeconds()) {
                checks.bad("clock", "clock.off", Math.abs(offset));
            } else {
                checks.note("clock", "clock.off", Math.abs(offset));
            }
            checks.evidence("own clock minus the server's: " + offset + " s");
        } else if (seen.isPresent() && now.isBefore(seen.get().minus(FILE_SLACK))) {
            checks.bad("clock", "clock.back", seen.get());
            checks.evidence("now " + now + ", seen before " + seen.get());
        } else {
            checks.ok("clock", offset == null ? "clock.ok" : "clock.measured");
            checks.evidence(
                    offset == null
                            ? "nothing in " + folder + " is of later"
                            : "own clock minus the server's: " + offset + " s");
        }
    }

    /** The latest moment that this folder has lived through. */
    private Optional<Instant> latestSeen() {
        Instant latest = Instant.MIN;
        List<X509Certificate> roots = MachineChecks.certificates(folder.resolve("ca.pem"));
        for (X509Certificate root : roots) {
            latest = later(latest, root.getNotBefore().toInstant());
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                latest = later(latest, Files.getLastModifiedTime(file).toInstant());
            }
        } catch (IOException e) {
            // A file that just went: the others tell.
        }
        return latest.equals(Instant.MIN) ? Optional.empty() : Optional.of(latest);
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static OptionalLong free(Path folder) {
        try {
            Path there = folder.toAbsolutePath();
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent(); // where an agent would make it
            }
            return OptionalLong.of(Files.getFileStore(there).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * @param free bytes that this user may still write; empty when that cannot be told
     */
    private void disk(OptionalLong free) {
        long megabytes = free.orElse(0) >> 20;
        if (free.isEmpty()) {
            checks.bad("disk", "disk.unknown", folder);
        } else if (free.getAsLong() < NONE) {
            checks.bad("disk", "disk.little", megabytes, folder);
        } else if (free.getAsLong() < LITTLE) {
            checks.note("disk", "disk.little", megabytes, folder);
        } else {
            checks.ok("disk", "disk.ok", megabytes);
        }
        checks.evidence(
                folder
                        + (free.isEmpty()
                                ? ": its file system does not tell"
                                : ": " + megabytes + " MB usable"));
    }

    /** The same, of a disk with so much free. */
    static List<Check> disk(Path folder, OptionalLong free, String language) {
        DeviceChecks all = new DeviceChecks(folder, Instant.EPOCH, language);
        all.disk(free);
        return all.checks.all();
    }
}
