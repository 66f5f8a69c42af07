// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.store.EventStore;
import dev.chaperone.agent.sync.BundleKeeper;
import dev.chaperone.agent.sync.FleetCertificates;
import dev.chaperone.agent.sync.KeptIssuance;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.ServerSync;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServiceCertificates;
import dev.chaperone.server.Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The organisation's root between the real server and the real agent. */
@Timeout(120)
class FleetJourneyTest {
    private static final String SERVICE = "openai-api";
    private static final String HOST = "api.openai.com";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private ServerUnderTest company;

    @BeforeEach
    void company() throws Exception {
        company = new ServerUnderTest(folder);
    }

    private Path data() {
        return folder.resolve("agent");
    }

    private ServerLink link() throws Exception {
        return ServerLink.read(data()).orElseThrow();
    }

    private KeptIssuance kept() throws Exception {
        return KeptIssuance.read(data(), link()).orElseThrow();
    }

    /** Subject of who signed what the client was shown, and how many certificates it was. */
    private static List<X509Certificate> shown(AgentUnderTest agent, String host) throws Exception {
        try (SSLSocket socket = agent.open(host)) {
            socket.startHandshake();
            return Stream.of(socket.getSession().getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }

    @Test
    void enrolledAgentOpensUnderTheOrganisationsRootAndHasNoRootKey() throws Exception {
        X509Certificate own = DataFolder.open(data()).root(Instant.now()).certificate();
        try (Server server = company.start()) {
            company.enrol(server.token().orElseThrow());
            assertThat(DataFolder.own(data())).as("for its removal from stores").contains(own);
            X509Certificate root = kept().trusted().getFirst();
            assertThat(root.getSubjectX500Principal().getName()).contains("organisation root");
            assertThat(data().resolve("keys/device-root-key")).doesNotExist();
            try (AgentUnderTest agent = company.agent()) {
                List<X509Certificate> chain = shown(agent, HOST);
                assertThat(chain).hasSize(2);
                chain.getLast().verify(root.getPublicKey());
                assertThat(ServerUnderTest.ask(agent, "how do tides work?")).contains("200");
                assertThat(agent.doctor())
                        .contains("group sales")
                        .contains("intermediates, valid until")
                        .contains(dev.chaperone.pki.OrganisationRoot.fingerprint(root));
            }
            assertThat(data().resolve("keys/device-root-key")).doesNotExist();
        }
    }

    @Test
    void serviceThatThePolicyOpensIsSignedForAtOnce() throws Exception {
        String closed = "slack-ai";
        try (Server server = company.start()) {
            company.enrol(server.token().orElseThrow());
            assertThat(signedFor(closed)).isFalse();
            Path policy = folder.resolve("open.yaml");
            Files.writeString(
                    policy,
                    ServerUnderTest.policy("open", "redact")
                            .replace("rules:", "services: {open: [" + closed + "]}\nrules:"));
            assertThat(company.admin("admin", "publish", policy.toString()).err()).isEmpty();
            try (AgentUnderTest agent = company.agent()) {
                WholeProduct.awaitTrue("the certificate", () -> signedFor(closed));
                assertThat(shown(agent, HOST)).hasSize(2);
            }
        }
    }

    private boolean signedFor(String service) throws Exception {
        return kept().answer().intermediates().stream().anyMatch(i -> i.service().equals(service));
    }

    /** An answer of a server that signs less than the agent opens. */
    @Test
    void hostThatIsNotSignedPassesUnopenedWithAnEventAndALineInDoctor() throws Exception {
        try (Server server = company.start()) {
            company.enrol(server.token().orElseThrow());
        }
        KeptIssuance all = kept();
        Issuance.Answer less =
                new Issuance.Answer(
                        all.answer().intermediates().stream()
                                .filter(i -> !i.service().equals(SERVICE))
                                .toList(),
                        all.answer().chain(),
                        all.answer().roots(),
                        List.of(new Issuance.Refused(SERVICE, HOST, "closed")),
                        all.answer().state());
        write(new KeptIssuance(all.keyName(), all.publicKey(), all.asked(), less, all.received()));
        try (AgentUnderTest agent = company.agent()) {
            X509Certificate standIn =
                    Pem.decodeAll(Files.readString(folder.resolve("stand-in/ca.pem"))).getFirst();
            List<X509Certificate> chain = shown(agent, HOST);
            chain.getLast().verify(standIn.getPublicKey());
            var event = agent.awaitEvent(e -> "CHP-TLS-030".equals(e.code()));
            assertThat(event.action()).isEqualTo(Action.ALLOW);
            assertThat(event.notInspected()).isEqualTo(Map.of("unopened", 1));
            assertThat(agent.doctor()).contains("not-opened").contains(HOST + " (closed)");
            assertThat(shown(agent, "api.anthropic.com").getLast().getIssuerX500Principal())
                    .as("the others are opened")
                    .isEqualTo(all.trusted().getFirst().getSubjectX500Principal());
        }
    }

    private void write(KeptIssuance changed) throws Exception {
        Files.write(
                data().resolve("certificates").resolve(link().device() + ".json"),
                tools.jackson.databind.json.JsonMapper.builder()
                        .build()
                        .writeValueAsBytes(changed));
    }

    /**
     * The clock of agent and server moves; TLS between them goes by the machine's, for which the
     * server's own leaf is valid all the time.
     */
    @Test
    void deviceThatWasOffForSixtyDaysOpensAllTheTimeAndComesBack() throws Exception {
        AtomicReference<Instant> clock =
                new AtomicReference<>(Instant.now().minus(Duration.ofDays(20)));
        try (Server server = company.start(clock::get)) {
            company.enrol(server.token().orElseThrow());
            KeyVault vault = new FileKeyVault(data().resolve("keys"));
            FleetCertificates fleet = FleetCertificates.load(data(), link(), vault).orElseThrow();
            ServiceCertificates certificates = new ServiceCertificates(fleet, clock::get);
            List<Issuance.Service> wanted = FleetCertificates.wanted(Rules.shippedHosts());
            List<String> hosts =
                    wanted.stream()
                            .filter(s -> s.id().equals(SERVICE))
                            .findFirst()
                            .orElseThrow()
                            .hosts();
            // The worst moment to lose the server: just before a renewal was due.
            clock.set(clock.get().plus(Duration.ofDays(14)));
            for (int day = 0; day <= 60; day++) {
                var leaf = certificates.leaf(SERVICE, hosts, HOST);
                validate(leaf.chain(), fleet, clock.get());
                clock.set(clock.get().plus(Duration.ofDays(1)));
            }
            String expired = link().certificate();
            assertThat(Pem.decodeAll(expired).getFirst().getNotAfter().toInstant())
                    .isBefore(clock.get().minus(Duration.ofDays(40)));
            Instant before = kept().expires().orElseThrow();
            new EventStore(data(), vault).close(); // what the sync reads, empty
            try (ServerSync _ =
                    ServerSync.start(
                            data(),
                            vault,
                            link(),
                            new BundleKeeper(data(), link(), clock::get),
                            _ -> {},
                            Map::of,
                            fleet,
                            () -> wanted,
                            Optional.empty(),
                            clock::get)) {
                WholeProduct.awaitTrue(
                        "new certificates", () -> kept().expires().orElseThrow().isAfter(before));
            }
            assertThat(link().certificate()).isNotEqualTo(expired);
            assertThat(kept().expires().orElseThrow())
                    .isAfter(clock.get().plus(Duration.ofDays(75)));
            validate(certificates.leaf(SERVICE, hosts, HOST).chain(), fleet, clock.get());
        }
    }

    private void validate(List<X509Certificate> chain, FleetCertificates fleet, Instant now)
            throws Exception {
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(kept().trusted().getFirst(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        CertPathValidator.getInstance("PKIX")
                .validate(
                        CertificateFactory.getInstance("X.509").generateCertPath(chain),
                        parameters);
        assertThat(fleet.authorities()).doesNotContain(chain.getLast());
    }

    @Test
    void deviceThatEnrolsElsewhereLeavesTheFirstOrganisationBehind() throws Exception {
        Path other = Files.createDirectories(folder.resolve("other"));
        ServerUnderTest second = new ServerUnderTest(other);
        X509Certificate first;
        try (Server server = company.start()) {
            company.enrol(server.token().orElseThrow());
            first = kept().trusted().getFirst();
        }
        try (Server server = second.start()) {
            EnrolmentToken token = server.token().orElseThrow();
            company.enrol(token);
            assertThat(kept().trusted()).doesNotContain(first);
            List<X509Certificate> trusted =
                    Pem.decodeAll(
                            Files.readString(data().resolve("ca.pem"), StandardCharsets.US_ASCII));
            assertThat(trusted).isEqualTo(new ArrayList<>(kept().trusted()));
            try (AgentUnderTest agent = company.agent()) {
                shown(agent, HOST).getLast().verify(trusted.getFirst().getPublicKey());
            }
        }
    }
}
