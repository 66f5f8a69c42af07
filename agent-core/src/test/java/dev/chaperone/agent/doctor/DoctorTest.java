// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static dev.chaperone.agent.doctor.WrittenFolder.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.sync.BundleKeeper;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each verdict of a folder that an agent left, with what it was seen by. */
class DoctorTest {
    private final Instant now = Instant.now();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private WrittenFolder device;

    @BeforeEach
    void device() {
        device = new WrittenFolder(folder);
    }

    private List<Check> examined() {
        return Doctor.examine(folder, "en", null);
    }

    private Check is(String name, State state, String says, String remedy, String evidence) {
        Check check = named(examined(), name);
        assertThat(check.state()).as(name).isEqualTo(state);
        assertThat(check.says()).contains(says);
        assertThat(check.remedy()).contains(remedy);
        assertThat(check.remedy().isEmpty()).as("remedy of " + check).isEqualTo(remedy.isEmpty());
        assertThat(check.evidence()).contains(evidence);
        return check;
    }

    private void absent(String... names) {
        assertThat(examined()).extracting(Check::name).doesNotContain(names);
    }

    @Test
    void whereNoAgentRunsNothingOfItIsSaid() {
        is("port", State.BAD, "no agent runs on " + folder, "chaperone run", "names no process");
        is("policy", State.OK, "in force: baseline", "", "the shipped policy, compiled here");
        is("models", State.OK, "sha256", "", "the shipped models, loaded here");
        absent("socket", "engine", "post-quantum", "unproxied");
    }

    @Test
    void whatTheAgentSaysOfItself() throws Exception {
        Path socket = Files.writeString(folder.resolve("agent.sock"), "");
        device.running(
                "127.0.0.1:1",
                "engine=e1\ntransport=t1\npost-quantum=true\npolicy=p@1\nmodels=m1\nmissing-models="
                        + "\nsocket="
                        + socket);
        is("port", State.BAD, "does not accept on 127.0.0.1:1", "restart", "ConnectException");
        is("socket", State.OK, "asked over " + socket, "", socket + ": is there");
        is("engine", State.OK, "TLS by e1, transport t1", "", "engine, transport of process");
        is("post-quantum", State.OK, "pq: yes", "", "post-quantum=true");
        is("policy", State.OK, "in force: p@1", "", "policy of process");
        is("models", State.OK, "m1", "", "status: models, missing-models");
    }

    @Test
    void whatTheAgentLacks() throws Exception {
        device.running(
                "127.0.0.1:1", "post-quantum=false\nmodels=m1\nmissing-models=m2\nsocket=/none/s");
        is("socket", State.NOTE, "/none/s is gone", "restart the agent", "/none/s: is not there");
        is("post-quantum", State.NOTE, "pq: no", "did not load", "post-quantum=false");
        is("models", State.BAD, "missing: m2", "reinstall", "models, missing-models");
        device.running("127.0.0.1:1", "");
        is("socket", State.NOTE, "too long", "shorter --data-dir", "names no socket");
    }

    @ParameterizedTest
    @CsvSource({"-1, BAD, remove keys/device-root-key", "1, OK, ''"})
    void root(int days, State state, String remedy) throws Exception {
        Files.writeString(folder.resolve("ca.pem"), WrittenFolder.pem(now, Duration.ofDays(days)));
        is("ca", state, "root valid until ", remedy, "ca.pem: SHA-256 ");
        is("key-vault", State.NOTE, "files of mode 0600", "nothing to do", "keys");
    }

    @Test
    void noRootAndTheSystemsTrust() {
        is("ca", State.BAD, "no root certificate yet", "start the agent once", "no certificate");
        is("upstream-trust", State.OK, "verifying against /", "", "is readable");
        absent("key-vault");
    }

    @Test
    void storeThatLostNothing() throws Exception {
        device.recorded(now, "app", "one", Map.of(), Action.ALLOW);
        is("store", State.OK, "1 events", "", "written to " + folder + " and removed");
        is("not-inspected", State.OK, "nothing in the last day", "", ": 0 events of the last day");
        absent("losses", "dropped", "only-warned", "passed-by");
    }

    @Test
    void whatTheStoreLostAndWhatWasNotInspected() throws Exception {
        device.recorded(now, "app", "one", Map.of("paused", 2), Action.WARN);
        device.recorded(now, "app", "one", Map.of("paused", 3), Action.ALLOW);
        device.lost(2);
        device.dropped(3);
        is("losses", State.NOTE, "up to 2 events", "nothing to do", "losses=2");
        is("dropped", State.NOTE, "3 events were not kept", "make room", "dropped=3");
        is("not-inspected", State.NOTE, "{paused=5}", "chaperone events", "2 events of");
        is("only-warned", State.NOTE, "in 1 prompt in the", "redact", "1 prompts, action warn");
    }

    @Test
    void whatIsOlderThanADayIsNotToldAnew() throws Exception {
        device.recorded(now.minus(Duration.ofHours(25)));
        is("not-inspected", State.OK, "nothing", "", ": 0 events");
        absent("only-warned");
    }

    @Test
    void eventsOfOneUserAreCountedForThatUser() throws Exception {
        device.recorded(now);
        assertThat(named(Doctor.examine(folder, "en", "user"), "store").says())
                .isEqualTo("1 events");
        assertThat(named(Doctor.examine(folder, "en", "else"), "store").says())
                .isEqualTo("0 events");
    }

    @Test
    void deviceThatIsNotEnrolled() {
        is("server", State.OK, "not enrolled", "", "server.json: is not there");
        absent("policy-bundle", "fleet", "chain", "policy-freshness", "spool");
    }

    @Test
    void deviceThatNeverSyncedOrDidNot() throws Exception {
        device.enrolled();
        is("server", State.NOTE, "not synced yet", "start the agent", "is not there, or");
        device.synced(null, 4, null, "");
        is("server", State.OK, "synced not yet, 4 to send", "", "pending=4 lastDone=null");
        device.synced(now, 4, null, "no route");
        is("server", State.NOTE, "4 to send; no route", "nothing is lost", "delivered=7 pending=4");
        device.synced(now, 0, null, "");
        is("server", State.OK, "synced last at " + now, "", "lastDone=" + now);
        is("policy", State.OK, "the company's, version 3", "", "policyVersion=3");
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, OK, none published, ''",
        "FRESH, OK, version 3, ''",
        "EXPIRED, BAD, version 3 has expired, publishes a new one",
        "REFUSED, BAD, refused: its signature is not the server's; in force: version 3, tell the administrator",
    })
    void policyOfTheServer(BundleKeeper.State policy, State state, String says, String remedy)
            throws Exception {
        device.enrolled();
        device.synced(now, 0, null, "", policy, null);
        is("policy-bundle", state, says, remedy, "policyState=" + policy + " policyVersion=3");
    }
}
