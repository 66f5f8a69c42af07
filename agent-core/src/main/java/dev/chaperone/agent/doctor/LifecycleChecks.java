// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.lifecycle.LifecycleLog.Verification;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Whether the record of starts, stops and changes is whole, by itself and by the server. */
final class LifecycleChecks {
    private static final String NAME = "lifecycle";

    private LifecycleChecks() {}

    static List<Check> examine(Path folder, String language) {
        CheckList checks = new CheckList("device", language);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        Optional<String> server = SyncStatus.read(folder).map(SyncStatus::lifecycleFinding);
        try {
            Verification found =
                    new LifecycleLog(
                                    folder,
                                    FileKeyVault.asItIs(folder.resolve("keys")),
                                    InstantSource.system())
                            .verify();
            if (found.broken().isPresent()) {
                checks.bad(NAME, "lifecycle.broken", found.broken().get());
            } else if (server.isPresent()) {
                checks.bad(NAME, "lifecycle.server", server.get());
            } else if (found.head() == 0) {
                checks.ok(NAME, "lifecycle.none");
            } else {
                checks.ok(NAME, "lifecycle.ok", found.entries());
            }
            checks.evidence("head " + found.head() + " " + found.headHash());
        } catch (IOException e) {
            checks.bad(NAME, "lifecycle.unreadable", folder); // which accuses nobody
            checks.evidence(folder + ": " + e.getClass().getSimpleName());
        }
        return checks.all();
    }
}
