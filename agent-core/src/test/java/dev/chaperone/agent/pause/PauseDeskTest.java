// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.pause;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.policies.PolicyDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PauseDeskTest {
    private static final long ANN = 1000;
    private static final long BOB = 1001;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private volatile Instant now = Instant.parse("2026-11-29T08:00:00Z");
    private volatile PolicyDocument.@Nullable Pause policy =
            new PolicyDocument.Pause(Duration.ofMinutes(30), true);

    @SuppressWarnings("NullAway.Init") // set before each
    private LifecycleLog log;

    @SuppressWarnings("NullAway.Init") // set before each
    private PauseDesk desk;

    @BeforeEach
    void open() throws Exception {
        log = new LifecycleLog(folder, new FileKeyVault(folder.resolve("keys")), () -> now);
        desk = new PauseDesk(() -> Optional.ofNullable(policy), log, () -> now);
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private static PauseRequest request(int minutes, @Nullable String reason) {
        return new PauseRequest(minutes, reason, Via.TERMINAL);
    }

    private List<String> recorded() throws Exception {
        return log.entries().stream()
                .map(e -> e.kind() + " " + e.detail() + " | " + e.by())
                .toList();
    }

    @Test
    void onlyTheUserWhoAskedPassesAndBothEndsAreRecorded() throws Exception {
        Instant until = desk.pause(ANN, request(15, "the tool breaks"));
        assertThat(until).isEqualTo(now.plus(Duration.ofMinutes(15)));
        assertThat(desk.covers(ANN)).isTrue();
        assertThat(desk.covers(BOB)).isFalse();
        assertThat(desk.covers(-1)).as("whose it is was not found").isFalse();
        assertThat(desk.of(ANN)).contains(new AgentStatus.Pause(30, true, until));
        assertThat(desk.of(BOB)).contains(new AgentStatus.Pause(30, true, null));
        assertThat(desk.resume(BOB)).isFalse();
        assertThat(desk.resume(ANN)).isTrue();
        assertThat(desk.covers(ANN)).isFalse();
        assertThat(recorded())
                .containsExactly(
                        "pause 15 min, until 2026-11-29T08:15:00Z, terminal: the tool breaks"
                                + " | uid 1000",
                        "resume by the user | uid 1000");
    }

    @Test
    void withoutTheKeyNobodyPauses() throws Exception {
        policy = null;
        assertThatThrownBy(() -> desk.pause(ANN, request(1, "why")))
                .isInstanceOfSatisfying(
                        PauseException.class, e -> assertThat(e.code()).isEqualTo(Ipc.NOT_ALLOWED))
                .hasMessageContaining("policy does not allow");
        assertThat(desk.of(ANN)).isEmpty();
        assertThat(desk.any()).isFalse();
        assertThat(recorded()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, why, 1 to 30 minutes",
        "-5, why, 1 to 30 minutes",
        "31, why, 1 to 30 minutes",
        "15, , asks for a reason",
        "15, '  ', asks for a reason",
    })
    void whatPolicyDoesNotAllowIsRefusedAndNothingChanges(
            int minutes, @Nullable String reason, String says) throws Exception {
        assertThatThrownBy(() -> desk.pause(ANN, request(minutes, reason)))
                .isInstanceOf(PauseException.class)
                .hasMessageContaining(says);
        assertThat(desk.any()).isFalse();
        assertThat(recorded()).isEmpty();
    }

    @Test
    void reasonMayBeLeftOutWherePolicySaysSo() throws Exception {
        policy = new PolicyDocument.Pause(Duration.ofMinutes(30), false);
        Instant ignored = desk.pause(ANN, request(30, null));
        assertThat(desk.covers(ANN)).isTrue();
    }

    @Test
    void reasonIsOneHarmlessShortLine() throws Exception {
        assertThatThrownBy(() -> desk.pause(ANN, request(1, "x".repeat(201))))
                .hasMessageContaining("longer than 200");
        Instant ignored = desk.pause(ANN, request(1, "a\u001b[31m\nb\u202e\ud800c"));
        assertThat(recorded().getFirst()).contains(": a [31m b c |");
        assertThat(log.verify().broken()).isEmpty();
    }

    @Test
    void endsByTheClockToTheMillisecond() throws Exception {
        AtomicInteger told = new AtomicInteger();
        Instant until = desk.pause(ANN, request(15, "why"));
        desk.listen(told::incrementAndGet);
        now = until.minusMillis(1);
        assertThat(desk.covers(ANN)).isTrue();
        now = until;
        assertThat(desk.covers(ANN)).isFalse();
        assertThat(desk.of(ANN)).contains(new AgentStatus.Pause(30, true, null));
        desk.settle();
        assertThat(told).hasValue(1);
        assertThat(recorded().getLast()).isEqualTo("resume uid 1000: its time is over | system");
    }

    @Test
    void clockThatIsSetBackLengthensNothing() throws Exception {
        Instant ignored = desk.pause(ANN, request(15, "why"));
        now = now.minusSeconds(60);
        assertThat(desk.covers(ANN)).isFalse();
    }

    @Test
    void policyThatAllowsNoPauseOrLessEndsIt() throws Exception {
        Instant ignored = desk.pause(ANN, request(30, "why"));
        now = now.plus(Duration.ofMinutes(10));
        policy = new PolicyDocument.Pause(Duration.ofMinutes(20), true);
        assertThat(desk.covers(ANN)).isTrue();
        policy = new PolicyDocument.Pause(Duration.ofMinutes(10), true);
        assertThat(desk.covers(ANN)).isFalse();
        policy = null;
        assertThat(desk.covers(ANN)).isFalse();
        desk.settle();
        policy = new PolicyDocument.Pause(Duration.ofMinutes(30), true);
        assertThat(desk.covers(ANN)).as("what ended does not come back").isFalse();
        assertThat(recorded().getLast()).contains("policy allows no pause any more");
    }

    @Test
    void endsWithTheAgent() throws Exception {
        Instant ignored = desk.pause(ANN, request(30, "why"));
        desk.close();
        assertThat(desk.covers(ANN)).isFalse();
        assertThat(recorded().getLast()).isEqualTo("resume uid 1000: the agent stopped | system");
        assertThat(new PauseDesk(() -> Optional.ofNullable(policy), log, () -> now).covers(ANN))
                .as("after a restart")
                .isFalse();
    }

    @Test
    void whatCannotBeRecordedIsNotMade() throws Exception {
        Files.createDirectory(folder.resolve("lifecycle.jsonl")); // takes no line
        assertThatThrownBy(() -> desk.pause(ANN, request(1, "why")))
                .hasMessageContaining("cannot be recorded");
        assertThat(desk.any()).isFalse();
    }
}
