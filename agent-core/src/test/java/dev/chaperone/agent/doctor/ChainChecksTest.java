// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static dev.chaperone.agent.doctor.WrittenFolder.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.sync.Issuance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChainChecksTest {
    private final Instant now = Instant.now();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private WrittenFolder device;

    @BeforeEach
    void enrol() throws Exception {
        device = new WrittenFolder(folder);
        device.enrolled();
        device.synced(now, 0, null, "");
    }

    private Check checked(String name) {
        return named(ChainChecks.examine(folder, "en"), name);
    }

    /** The first to end decides, not the first. */
    @ParameterizedTest
    @CsvSource({
        "-1, BAD, intermediates ended on, enrol it again",
        "1, NOTE, the server did not renew them, reach its server",
        "29, NOTE, the server did not renew them, reach its server",
        "31, OK, valid until, ''",
    })
    void certificatesThatEndInSoManyDays(int days, State state, String says, String remedy)
            throws Exception {
        device.issued(now, Duration.ofDays(days), List.of());
        Check chain = checked("chain");
        assertThat(chain.state()).isEqualTo(state);
        assertThat(chain.says()).contains("2 intermediates", says);
        assertThat(chain.remedy()).contains(remedy);
        assertThat(chain.evidence()).contains("2 intermediates, received " + now, "first end ");
    }

    @Test
    void serverThatSignedForNothing() throws Exception {
        device.issued(now, List.of(), List.of());
        Check chain = checked("chain");
        assertThat(chain.state()).isEqualTo(State.BAD);
        assertThat(chain.says()).contains("the server signed for no service");
        assertThat(chain.remedy()).contains("ask the administrator");
    }

    @Test
    void serverWithoutARootAndFilesThatAreDamaged() throws Exception {
        assertThat(checked("chain").state()).isEqualTo(State.OK);
        assertThat(checked("chain").says()).contains("own root");
        Files.writeString(folder.resolve("server.json"), "{");
        assertThat(checked("chain").state()).isEqualTo(State.BAD);
        assertThat(checked("chain").remedy()).contains("chaperone enroll TOKEN");
    }

    @Test
    void whereTheDeviceBelongsAndWhatIsNotTrusted() throws Exception {
        device.issued(
                now,
                Duration.ofDays(90),
                List.of(new Issuance.Refused("one", "host.test", "closed")));
        assertThat(checked("fleet").says())
                .isEqualTo("group sales, policy version 3 of the server");
        assertThat(checked("root-trust").state()).isEqualTo(State.NOTE);
        assertThat(checked("root-trust").remedy()).contains(folder.resolve("ca.pem").toString());
        assertThat(checked("not-opened").says()).contains("host.test (closed)");
        assertThat(checked("not-opened").evidence()).endsWith("refused=1");
    }
}
