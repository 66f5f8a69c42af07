// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static dev.chaperone.agent.doctor.WrittenFolder.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(checked("chain").evidence()).contains("server.json, ").endsWith(": IOException");
    }

    @Test
    void whereTheDeviceBelongsAndWhatIsNotTrusted() throws Exception {
        device.issued(
                now,
                Duration.ofDays(90),
                List.of(new Issuance.Refused("one", "host.test", "closed")));
        assertThat(checked("fleet").says())
                .isEqualTo("group sales, policy version 3 of the server");
        assertThat(checked("fleet").state()).isEqualTo(State.OK);
        assertThat(checked("root-trust").state()).isEqualTo(State.NOTE);
        assertThat(checked("root-trust").remedy()).contains(folder.resolve("ca.pem").toString());
        assertThat(checked("not-opened").says()).contains("host.test (closed)");
        assertThat(checked("not-opened").evidence()).endsWith("refused=1");
    }

    @Test
    void deviceThatNeverHadAPolicyAndBelongsToNoGroup() throws Exception {
        Files.delete(folder.resolve("sync-status.json"));
        assertThat(checked("fleet").says()).isEqualTo("group sales, no policy of the server yet");
        assertThat(checked("fleet").evidence()).endsWith("policyVersion=0");
        assertThat(checked("chain").evidence()).endsWith("certificates: nothing of the server's");
        Path link = folder.resolve("server.json");
        Files.writeString(link, Files.readString(link).replace("\"sales\"", "null"));
        assertThat(checked("fleet").says()).startsWith("group –,");
        Files.delete(link);
        assertThat(ChainChecks.examine(folder, "en")).isEmpty();
    }

    /** A root of the system's own store stands for one that IT shipped. */
    @Test
    void rootsAreComparedWithTheSystemsStoreOneByOne() throws Exception {
        X509Certificate held =
                MachineChecks.certificates(UpstreamTrust.systemBundle().orElseThrow()).getFirst();
        String lacking = WrittenFolder.pem(now, Duration.ofDays(7));
        device.issued(now, List.of(Pem.encode(held)));
        Check trust = checked("root-trust");
        assertThat(trust.state()).isEqualTo(State.OK);
        assertThat(trust.says()).contains("(1 of 1)");
        assertThat(trust.remedy()).isEmpty();
        assertThat(trust.evidence())
                .isEqualTo("SHA-256 " + OrganisationRoot.fingerprint(held) + ": held");

        device.issued(now, List.of(Pem.encode(held), lacking));
        trust = checked("root-trust");
        assertThat(trust.state()).isEqualTo(State.NOTE);
        assertThat(trust.says())
                .endsWith(
                        "lacks "
                                + Pem.decodeAll(lacking)
                                        .getFirst()
                                        .getSubjectX500Principal()
                                        .getName());
        assertThat(trust.evidence()).contains(": held; ").endsWith(": lacking");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 11})
    void tenOfTheNamesThatAreNotOpenedAreTold(int names) throws Exception {
        List<Issuance.Refused> refused =
                IntStream.range(0, names)
                        .mapToObj(n -> new Issuance.Refused("one", "h" + n + ".test", "closed"))
                        .toList();
        device.issued(now, Duration.ofDays(90), refused);
        if (names == 0) {
            assertThat(ChainChecks.examine(folder, "en"))
                    .extracting(Check::name)
                    .doesNotContain("not-opened");
            return;
        }
        Check check = checked("not-opened");
        assertThat(check.state()).isEqualTo(State.NOTE);
        assertThat(check.says())
                .startsWith(names + " names pass unopened")
                .contains("h9.test")
                .doesNotContain("h10.test");
        assertThat(check.says().endsWith(" …")).isEqualTo(names > 10);
        assertThat(check.remedy()).contains("--service");
    }
}
