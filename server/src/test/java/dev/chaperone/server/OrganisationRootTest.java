// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.FleetIntermediates;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServiceCertificates;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The organisation's root over HTTPS, as devices and administrators meet it. */
class OrganisationRootTest {
    private static final Issuance.Service OPENED = TestDevice.OPEN.getFirst();
    private static final String HOST =
            OPENED.hosts().stream().filter(h -> !h.startsWith("*")).findFirst().orElseThrow();

    @TempDir Path folder;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Issuance.Answer certificates(TestDevice device, Issuance.Request request)
            throws Exception {
        HttpResponse<String> response = device.certificates(request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.JSON.readValue(response.body(), Issuance.Answer.class);
    }

    /** As a device takes it; throws when it does not hold. */
    private FleetIntermediates taken(
            KeyPair keys, List<Issuance.Service> asked, Issuance.Answer answer) {
        Map<String, List<String>> names = new HashMap<>();
        asked.forEach(s -> names.put(s.id(), s.hosts()));
        Map<String, X509Certificate> signed = new HashMap<>();
        answer.intermediates()
                .forEach(i -> signed.put(i.service(), Pem.decodeAll(i.certificate()).getFirst()));
        return FleetIntermediates.verified(
                keys,
                names,
                signed,
                Pem.decodeAll(answer.chain()),
                Pem.decodeAll(answer.roots().getFirst()).getFirst(),
                server.clock.instant());
    }

    @Test
    void enrolmentBringsOneIntermediateForEachOpenService() throws Exception {
        KeyPair keys = Keys.generate();
        EnrolmentToken token = server.server.token().orElseThrow();
        String body =
                TestServer.JSON.writeValueAsString(
                        new Enrolment.Request(
                                token.secret(),
                                CertificateRequests.create(Keys.generate()),
                                "laptop-1",
                                "linux",
                                "0.1.0",
                                TestDevice.issuing(keys, TestDevice.OPEN)));
        Enrolment.Answer answer =
                TestServer.JSON.readValue(
                        TestDevice.ask(token, body).body(), Enrolment.Answer.class);
        Issuance.Answer issuance = Optional.ofNullable(answer.issuance()).orElseThrow();
        assertThat(issuance.intermediates()).hasSizeGreaterThan(60);
        FleetIntermediates fleet = taken(keys, TestDevice.OPEN, issuance);
        var leaf =
                new ServiceCertificates(fleet, server.clock)
                        .leaf(OPENED.id(), OPENED.hosts(), HOST);
        assertThat(leaf.chain()).hasSize(2);
    }

    @Test
    void deviceThatAsksForNothingGetsNothing() throws Exception {
        try (TestDevice device = server.enrol()) {
            assertThat(device.answer.issuance()).isNull();
        }
    }

    /** What a hostile device may say: none of it becomes a permitted name. */
    @Test
    void nameThatIsNotTheServicesIsNotSigned() throws Exception {
        Map<String, String> hostile =
                Map.of(
                        "bank.example", "not-of-service",
                        "www.paypal.com", "never-decrypted",
                        "login.microsoftonline.com", "never-decrypted",
                        "com", "not-of-service",
                        ".com", "not-of-service",
                        "*.com", "not-of-service",
                        "*", "not-of-service",
                        "*.*", "not-of-service",
                        "127.0.0.1", "not-of-service");
        List<String> names = new ArrayList<>(hostile.keySet());
        names.add(HOST);
        try (TestDevice device = server.enrol()) {
            KeyPair keys = Keys.generate();
            Issuance.Answer answer =
                    certificates(
                            device,
                            TestDevice.issuing(
                                    keys, List.of(new Issuance.Service(OPENED.id(), names))));
            assertThat(answer.refused())
                    .hasSize(hostile.size())
                    .allSatisfy(r ->
                            assertThat(r.reason()).as(r.host()).isEqualTo(hostile.get(r.host())));
            // The device's own check finds any name beyond the one that was good.
            List<Issuance.Service> good = List.of(new Issuance.Service(OPENED.id(), List.of(HOST)));
            assertThat(taken(keys, good, answer).size()).isEqualTo(1);

            List<Issuance.Service> nameless =
                    List.of(new Issuance.Service(OPENED.id(), List.of("")));
            assertThat(TestServer.code(device.certificates(TestDevice.issuing(keys, nameless))))
                    .isEqualTo("400 CHP-SRV-001");
        }
    }

    @Test
    void serviceThatTheServerDoesNotKnowOrOpenIsNotSigned() throws Exception {
        try (TestDevice device = server.enrol()) {
            Issuance.Answer answer =
                    certificates(
                            device,
                            TestDevice.issuing(
                                    Keys.generate(),
                                    List.of(new Issuance.Service("my-own", List.of(HOST)))));
            assertThat(answer.intermediates()).isEmpty();
            assertThat(answer.refused().getFirst().reason()).isEqualTo("unknown-service");
            String before = answer.state();

            server.put(
                    "/api/v1/policy?name=p.yaml",
                    SamplePolicy.YAML.replaceFirst(
                            "(?m)^rules:", "services: {close: [" + OPENED.id() + "]}\nrules:"));
            answer = certificates(device, TestDevice.issuing());
            assertThat(answer.refused())
                    .contains(new Issuance.Refused(OPENED.id(), HOST, "closed"));
            assertThat(answer.state()).isNotEqualTo(before);
            assertThat(device.status(Map.of()).body()).contains(answer.state());
        }
    }

    @Test
    void serviceTwiceIsRefused() throws Exception {
        try (TestDevice device = server.enrol()) {
            assertThat(
                            TestServer.code(
                                    device.certificates(
                                            TestDevice.issuing(
                                                    Keys.generate(), List.of(OPENED, OPENED)))))
                    .isEqualTo("400 CHP-SRV-001");
        }
    }

    @Test
    void revokedDeviceGetsNoCertificates() throws Exception {
        try (TestDevice device = server.enrol()) {
            server.post("/api/v1/devices/" + device.answer.device() + "/revoke", "");
            assertThat(TestServer.code(device.certificates(TestDevice.issuing())))
                    .isEqualTo("403 CHP-SRV-023");
        }
    }

    @Test
    void intermediatesOfADayLastSixtyDaysAndMore() throws Exception {
        try (TestDevice device = server.enrol()) {
            KeyPair keys = Keys.generate();
            FleetIntermediates fleet =
                    taken(
                            keys,
                            TestDevice.OPEN,
                            certificates(device, TestDevice.issuing(keys, TestDevice.OPEN)));
            Instant end = fleet.expires().orElseThrow();
            assertThat(end)
                    .isBetween(
                            server.clock.instant().plus(Duration.ofDays(89)),
                            server.clock.instant().plus(Duration.ofDays(90)));
        }
    }

    private JsonNode root(String role) throws Exception {
        for (JsonNode root : server.json("/api/v1/roots").get("roots")) {
            if (root.get("role").asString().equals(role)) {
                return root;
            }
        }
        throw new AssertionError("no " + role + " root");
    }

    @Test
    void rollTellsDevicesPromotionWaitsForThemAndRetirementForTheirChains() throws Exception {
        try (TestDevice device = server.enrol()) {
            Issuance.Answer first = certificates(device, TestDevice.issuing());
            assertThat(server.post("/api/v1/roots/roll", "").statusCode()).isEqualTo(201);
            assertThat(TestServer.code(server.post("/api/v1/roots/roll", "")))
                    .as("one at a time")
                    .isEqualTo("409 CHP-SRV-050");
            Issuance.Answer both = certificates(device, TestDevice.issuing());
            assertThat(both.state()).isNotEqualTo(first.state());
            assertThat(both.roots()).hasSize(2).startsWith(first.roots().getFirst());

            assertThat(server.post("/api/v1/roots/promote", "{}").body()).contains("7 days");
            server.clock.move(Duration.ofDays(8));
            String fingerprint = root("next").get("sha256").asString();
            assertThat(device.status(Map.of()).statusCode()).isEqualTo(200);
            assertThat(server.post("/api/v1/roots/promote", "{}").body())
                    .contains("1 of 1 devices");
            assertThat(device.status(trusting(fingerprint)).statusCode()).isEqualTo(200);
            HttpResponse<String> promoted = server.post("/api/v1/roots/promote", "{}");
            assertThat(promoted.statusCode()).as(promoted.body()).isEqualTo(200);

            assertThat(server.post("/api/v1/roots/retire", "{}").body())
                    .contains("1 devices still present");
            Issuance.Answer next = certificates(device, TestDevice.issuing());
            assertThat(next.roots()).hasSize(2);
            assertThat(next.roots().getFirst()).isEqualTo(both.roots().getLast());
            assertThat(server.post("/api/v1/roots/retire", "{}").statusCode()).isEqualTo(200);
            assertThat(certificates(device, TestDevice.issuing()).roots())
                    .containsExactly(next.roots().getFirst());
        }
        try (Stream<Path> keys = Files.list(folder.resolve("keys"))) {
            assertThat(keys.filter(k -> k.getFileName().toString().startsWith("root-")))
                    .as("the old key is gone")
                    .singleElement()
                    .satisfies(k ->
                            assertThat(
                                            PosixFilePermissions.toString(
                                                    Files.getPosixFilePermissions(k)))
                                    .isEqualTo("rw-------"));
        }
        List<String> audited = new ArrayList<>();
        server.json("/api/v1/audit")
                .get("entries")
                .forEach(e -> {
                    if (e.get("action").asString().equals("change root")) {
                        audited.add(e.get("target").asString().replaceAll(" .*", ""));
                    }
                });
        assertThat(audited).containsExactly("retired", "promoted", "rolled");
    }

    private static DeviceStatus trusting(String fingerprint) {
        return new DeviceStatus("0.1.0", 0, "none", 1, 0, 0, Map.of(), List.of(fingerprint));
    }

    @Test
    void rollThatWasNotMeantIsDropped() throws Exception {
        String before = root("current").get("sha256").asString();
        server.post("/api/v1/roots/roll", "");
        assertThat(server.post("/api/v1/roots/retire", "{\"role\":\"next\"}").statusCode())
                .isEqualTo(200);
        assertThat(root("current").get("sha256").asString()).isEqualTo(before);
        assertThat(TestServer.code(server.post("/api/v1/roots/retire", "{\"role\":\"current\"}")))
                .isEqualTo("409 CHP-SRV-050");
    }

    private String csr() throws Exception {
        HttpResponse<String> made = server.post("/api/v1/roots/request", "");
        assertThat(made.statusCode()).isEqualTo(201);
        return TestServer.JSON.readTree(made.body()).get("csr").asString();
    }

    @Test
    void companysCertificateTakesThePlaceOfTheFirstRoot() throws Exception {
        CompanyCa company = new CompanyCa(server.clock.instant());
        X509Certificate signed = company.sign(csr(), new CompanyCa.Wish());
        HttpResponse<String> taken =
                server.post("/api/v1/roots", company.body(company.root, signed));
        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(201);
        assertThat(root("current").get("sha256").asString())
                .isEqualTo(OrganisationRoot.fingerprint(company.root));
        try (TestDevice device = server.enrol()) {
            KeyPair keys = Keys.generate();
            Issuance.Answer answer =
                    certificates(device, TestDevice.issuing(keys, TestDevice.OPEN));
            assertThat(Pem.decodeAll(answer.chain())).containsExactly(signed);
            FleetIntermediates fleet = taken(keys, TestDevice.OPEN, answer);
            assertThat(
                            new ServiceCertificates(fleet, server.clock)
                                    .leaf(OPENED.id(), OPENED.hosts(), HOST)
                                    .chain())
                    .hasSize(3)
                    .endsWith(signed);
            // Now that a device has chains, the next import waits for its promotion.
            X509Certificate other = company.sign(csr(), new CompanyCa.Wish());
            server.post("/api/v1/roots", company.body(company.root, other));
            assertThat(root("next").get("sha256").asString())
                    .isEqualTo(OrganisationRoot.fingerprint(company.root));
        }
    }

    @Test
    void unfitCertificateIsRefusedInOneLineAndChangesNothing() throws Exception {
        CompanyCa company = new CompanyCa(server.clock.instant());
        String before = root("current").get("sha256").asString();
        String csr = csr();
        Map<CompanyCa.Wish, String> unfit = new HashMap<>();
        unfit.put(new CompanyCa.Wish().notCa(), "is no CA certificate");
        unfit.put(new CompanyCa.Wish().pathlen(0), "pathlen 0, at least 1");
        unfit.put(new CompanyCa.Wish().usage(KeyUsage.digitalSignature), "keyCertSign");
        unfit.put(new CompanyCa.Wish().life(Duration.ofHours(-1)), "expired on");
        unfit.put(new CompanyCa.Wish().life(Duration.ofDays(30)), "180 days are needed");
        unfit.put(
                new CompanyCa.Wish().purpose(KeyPurposeId.id_kp_clientAuth), "without serverAuth");
        unfit.put(new CompanyCa.Wish().onlyBelow("acme.example"), "clients would reject");
        for (var one : unfit.entrySet()) {
            refused(company.body(company.sign(csr, one.getKey()), company.root), one.getValue());
        }
        X509Certificate good = company.sign(csr, new CompanyCa.Wish());
        refused(company.body(good), "is not among the certificates");
        refused(company.body(company.root), "none of the certificates is for the key");
        CompanyCa impostor = new CompanyCa(server.clock.instant());
        refused(company.body(good, impostor.root), "is not among the certificates");
        assertThat(root("current").get("sha256").asString()).isEqualTo(before);
        assertThat(server.post("/api/v1/roots", company.body(good, company.root)).statusCode())
                .as("and the good one is still taken")
                .isEqualTo(201);
    }

    private void refused(String body, String why) throws Exception {
        HttpResponse<String> response = server.post("/api/v1/roots", body);
        assertThat(TestServer.code(response)).isEqualTo("422 CHP-SRV-051");
        assertThat(TestServer.JSON.readTree(response.body()).get("detail").asString())
                .contains(why)
                .doesNotContain("\n");
    }

    @Test
    void importWithoutARequestIsRefused() throws Exception {
        CompanyCa company = new CompanyCa(server.clock.instant());
        assertThat(TestServer.code(server.post("/api/v1/roots", company.body(company.root))))
                .isEqualTo("409 CHP-SRV-050");
    }

    @Test
    void serverFromABackupSignsUnderTheRootOfThatDay() throws Exception {
        EnrolmentToken token = server.server.token().orElseThrow();
        String first = root("current").get("sha256").asString();
        KeyPair keys = Keys.generate();
        Enrolment.Answer answer =
                TestServer.JSON.readValue(
                        TestDevice.ask(token, keys).body(), Enrolment.Answer.class);
        server.close();
        Path backup = Files.createDirectory(folder.resolveSibling(folder.getFileName() + "-b"));
        copy(folder, backup);
        MovableClock clock = server.clock;
        server = TestServer.start(folder, clock, 20, 5);
        server.post("/api/v1/roots/roll", "");
        server.post("/api/v1/roots/promote", "{\"force\":true}");
        server.post("/api/v1/roots/retire", "{\"force\":true}");
        assertThat(root("current").get("sha256").asString()).isNotEqualTo(first);
        server.close();

        server = TestServer.start(backup, clock, 20, 5);
        assertThat(root("current").get("sha256").asString()).isEqualTo(first);
        Enrolment.Answer moved =
                new Enrolment.Answer(
                        answer.device(),
                        answer.group(),
                        answer.certificate(),
                        answer.ca(),
                        server.server.agents(),
                        answer.policyKey());
        try (TestDevice device = new TestDevice(moved, keys)) {
            assertThat(
                            OrganisationRoot.fingerprint(
                                    Pem.decodeAll(
                                                    certificates(device, TestDevice.issuing())
                                                            .roots()
                                                            .getFirst())
                                            .getFirst()))
                    .isEqualTo(first);
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(
                            file,
                            target,
                            StandardCopyOption.REPLACE_EXISTING,
                            StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    @Test
    void lostKeyIsNotReplacedButSaid() throws Exception {
        server.close();
        try (Stream<Path> keys = Files.list(folder.resolve("keys"))) {
            for (Path key : keys.toList()) {
                if (key.getFileName().toString().startsWith("root-")) {
                    Files.delete(key);
                }
            }
        }
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> Server.start(TestServer.options(folder, 1, 5), server.clock))
                .withMessageContaining("restore it from a backup");
    }
}
