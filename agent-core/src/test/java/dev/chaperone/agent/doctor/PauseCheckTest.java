// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.pause.PauseDesk;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.policies.PolicyDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PauseCheckTest {
    private static final long ANN = 1001;
    private static final long BOB = 1002;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private Optional<PolicyDocument.Pause> allowed =
            Optional.of(new PolicyDocument.Pause(Duration.ofMinutes(5), false));

    @SuppressWarnings("NullAway.Init") // before each
    private PauseDesk desk;

    @BeforeEach
    void open() throws Exception {
        LifecycleLog log =
                new LifecycleLog(
                        folder, new FileKeyVault(folder.resolve("keys")), InstantSource.system());
        desk = new PauseDesk(() -> allowed, log, InstantSource.system());
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private Check of(long uid) {
        List<Check> checks = PauseCheck.of(desk, uid, "en");
        assertThat(checks).hasSize(1);
        return checks.getFirst();
    }

    private static void assertIs(
            Check check, State state, String says, String remedy, String evidence) {
        assertThat(check.state()).isEqualTo(state);
        assertThat(check.says()).contains(says);
        assertThat(check.remedy()).contains(remedy);
        assertThat(check.remedy().isEmpty()).isEqualTo(remedy.isEmpty());
        assertThat(check.evidence()).isEqualTo("users who have paused: " + evidence);
    }

    @Test
    void whoPausedIsToldToThePersonAndToRootAlone() throws Exception {
        assertIs(of(ANN), State.OK, "up to 5 minutes", "", "not told");
        assertIs(of(0), State.OK, "nothing is paused", "", "0");
        Instant until = desk.pause(ANN, new PauseRequest(3, null, Via.TERMINAL));
        String at = until.truncatedTo(ChronoUnit.SECONDS).toString();
        assertIs(of(ANN), State.BAD, "until " + at, "chaperone resume", "not told");
        assertIs(of(BOB), State.OK, "nothing is paused", "", "not told");
        assertIs(of(0), State.BAD, "1 users of this machine", "ends by itself", "1");
    }

    @Test
    void nothingIsSaidWherePolicyAllowsNone() {
        allowed = Optional.empty();
        assertThat(PauseCheck.of(desk, ANN, "en")).isEmpty();
    }
}
