// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.sync.BundleKeeper;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleChecksTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private Check only() {
        List<Check> checks = LifecycleChecks.examine(folder, "en");
        assertThat(checks).hasSize(1);
        return checks.getFirst();
    }

    private LifecycleLog log() throws Exception {
        LifecycleLog log =
                new LifecycleLog(
                        folder, new FileKeyVault(folder.resolve("keys")), InstantSource.system());
        log.recordStart("test", "system");
        log.recordStart("test", "system");
        return log;
    }

    @Test
    void recordThatIsWhole() throws Exception {
        LifecycleLog.Head head = log().head();
        assertThat(only().state()).isEqualTo(State.OK);
        assertThat(only().says()).isEqualTo(head.n() + " entries, unbroken");
        assertThat(only().evidence()).isEqualTo("head " + head.n() + " " + head.hash());
    }

    @Test
    void nothingRecorded() {
        assertThat(only().state()).isEqualTo(State.OK);
        assertThat(only().says()).isEqualTo("nothing recorded yet");
    }

    @Test
    void lineThatWasChanged() throws Exception {
        LifecycleLog.Head head = log().head();
        Path file = folder.resolve("lifecycle.jsonl");
        Files.writeString(file, Files.readString(file).replace("test", "best"));
        assertThat(only().state()).isEqualTo(State.BAD);
        assertThat(only().says()).contains("tampered with: line 1 was changed");
        assertThat(only().remedy()).contains("--accept-break");
        assertThat(only().evidence()).isEqualTo("head " + head.n() + " " + head.hash());
    }

    @Test
    void recordThatEndsBeforeWhatTheServerHas() throws Exception {
        LifecycleLog ignored = log();
        new WrittenFolder(folder)
                .synced(Instant.now(), 0, null, "", BundleKeeper.State.FRESH, "entry 9 is known");
        assertThat(only().state()).isEqualTo(State.BAD);
        assertThat(only().says()).endsWith("more of this device than the device: entry 9 is known");
        assertThat(only().remedy()).contains("rolled back or copied");
    }

    @Test
    void recordThatCannotBeRead() throws Exception {
        Files.createDirectory(folder.resolve("lifecycle.jsonl"));
        assertThat(only().state()).isEqualTo(State.BAD);
        assertThat(only().says()).contains("cannot be read").doesNotContain("tampered");
        assertThat(only().remedy()).contains("permissions of " + folder);
        assertThat(only().evidence()).startsWith(folder + ": ").contains("Exception");
    }

    @Test
    void folderThatIsNotThereHasNone() {
        assertThat(LifecycleChecks.examine(folder.resolve("none"), "en")).isEmpty();
    }
}
