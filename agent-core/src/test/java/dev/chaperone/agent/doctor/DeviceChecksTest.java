// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static dev.chaperone.agent.doctor.WrittenFolder.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceChecksTest {
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private WrittenFolder device;

    @BeforeEach
    void enrol() throws Exception {
        device = new WrittenFolder(folder);
        device.enrolled();
    }

    private Check checked(String name) {
        return named(DeviceChecks.examine(folder, now, "en"), name);
    }

    private static void assertIs(Check check, State state, String says, String remedy) {
        assertThat(check.state()).isEqualTo(state);
        assertThat(check.says()).contains(says);
        if (remedy.isEmpty()) {
            assertThat(check.remedy()).isEmpty();
        } else {
            assertThat(check.remedy()).contains(remedy);
        }
    }

    @Test
    void policyThatWasNeverAskedFor() throws Exception {
        device.synced(null, 0, null, "");
        assertIs(
                checked("policy-freshness"),
                State.NOTE,
                "never asked for its policy",
                "let the device reach its server");
        assertThat(checked("policy-freshness").evidence()).contains("sync-status.json");
    }

    @Test
    void policyThatWasNotAskedForSinceDays() throws Exception {
        Instant last = now.minus(Duration.ofDays(3).plusSeconds(1));
        device.synced(last, 0, null, "");
        Check check = checked("policy-freshness");
        assertIs(check, State.NOTE, "since 3 days (last at " + last + ")", "reach its server");
        assertThat(check.evidence()).contains(last.toString());
    }

    @Test
    void policyThatWasAskedForLately() throws Exception {
        Instant last = now.minus(Duration.ofDays(3));
        device.synced(last, 0, null, "");
        assertIs(checked("policy-freshness"), State.OK, "last at " + last, "");
    }

    @Test
    void nothingIsSaidOfAServerThatThereIsNot() throws Exception {
        device.synced(null, 0, null, "");
        Files.delete(folder.resolve("server.json"));
        assertThat(DeviceChecks.examine(folder, now, "en"))
                .extracting(Check::name)
                .containsExactly("clock", "disk");
    }

    @Test
    void eventThatWaitsForMoreThanADay() throws Exception {
        Instant at = now.minus(Duration.ofDays(1).plusSeconds(1));
        device.synced(now, 1, null, "");
        device.recorded(at);
        Check check = checked("spool");
        assertIs(check, State.NOTE, "1 to send, the oldest since " + at, "nothing is lost yet");
        assertThat(check.evidence()).isEqualTo("pending=1 oldest=" + at + " dropped=0");
    }

    @Test
    void eventThatWaitsSinceToday() throws Exception {
        device.synced(now, 1, null, "");
        device.recorded(now.minus(Duration.ofHours(23)));
        assertIs(checked("spool"), State.OK, "1 to send", "");
    }

    @Test
    void eventsThatWereNotKept() throws Exception {
        device.synced(now, 1, null, "");
        device.recorded(now.minus(Duration.ofDays(2)));
        device.dropped(5);
        Check check = checked("spool");
        assertIs(check, State.NOTE, "5 events were not kept", "make room");
        assertThat(check.evidence()).endsWith("dropped=5");
    }

    @ParameterizedTest
    @CsvSource({
        ", OK, nothing speaks against it, ''",
        "120, OK, agrees with the server's, ''",
        "-120, OK, agrees with the server's, ''",
        "121, NOTE, differs from the server's by 121 seconds, set the clock",
        "-121, NOTE, differs from the server's by 121 seconds, set the clock",
        "3600, NOTE, differs from the server's by 3600 seconds, set the clock",
        "3601, BAD, differs from the server's by 3601 seconds, set the clock",
        "-3601, BAD, differs from the server's by 3601 seconds, set the clock",
    })
    void clockAgainstTheServers(@Nullable Long offset, State state, String says, String remedy)
            throws Exception {
        device.synced(now, 0, offset, "");
        Check check = checked("clock");
        assertIs(check, state, says, remedy);
        if (offset != null) {
            assertThat(check.evidence()).contains(offset + " s");
        }
    }

    @ParameterizedTest
    @CsvSource({"600, OK, nothing speaks against it", "601, BAD, went back: this device has lived"})
    void clockThatIsBehindWhatTheFolderSaw(int seconds, State state, String says) throws Exception {
        Files.delete(folder.resolve("server.json"));
        assertIs(checked("clock"), State.OK, "nothing speaks against it", ""); // an empty folder
        Path file = Files.writeString(folder.resolve("file"), "");
        Instant seen = now.plusSeconds(seconds);
        Files.setLastModifiedTime(file, FileTime.from(seen));
        Check check = checked("clock");
        assertIs(check, state, says, state == State.OK ? "" : "set the clock");
        assertThat(check.evidence())
                .isEqualTo(
                        state == State.OK
                                ? "nothing in " + folder + " is of later"
                                : "now " + now + ", seen before " + seen);
    }

    @ParameterizedTest
    @CsvSource({
        "0, BAD, 0 MB free",
        "49, BAD, 49 MB free",
        "50, NOTE, 50 MB free",
        "499, NOTE, 499 MB free",
        "500, OK, 500 MB free",
    })
    void diskWithSoMuchFree(long megabytes, State state, String says) {
        Check check = disk(OptionalLong.of(megabytes << 20));
        assertIs(check, state, says, state == State.OK ? "" : "make room");
        assertThat(check.evidence()).isEqualTo(folder + ": " + megabytes + " MB usable");
    }

    @Test
    void diskThatDoesNotTell() {
        assertIs(disk(OptionalLong.empty()), State.BAD, "cannot be told", "check the folder");
    }

    private Check disk(OptionalLong free) {
        List<Check> checks = DeviceChecks.disk(folder, free, "en");
        assertThat(checks).hasSize(1);
        return checks.getFirst();
    }

    @Test
    void diskOfTheFolderIsLookedAt() throws Exception {
        long megabytes = Files.getFileStore(folder).getTotalSpace() >> 20;
        assertThat(checked("disk").evidence()).startsWith(folder + ": ");
        assertThat(Long.parseLong(checked("disk").says().replaceFirst(" MB.*", "")))
                .isLessThanOrEqualTo(megabytes);
    }

    @Test
    void personWhoCanBeAsked() {
        assertIs(UiCheck.of(true, "en"), State.OK, "a person can be asked", "");
        assertThat(UiCheck.of(true, "en").evidence()).endsWith(": some");
        assertIs(UiCheck.of(false, "en"), State.NOTE, "nobody is asked", "chaperone ui");
        assertThat(UiCheck.of(false, "en").evidence()).endsWith(": none");
    }
}
