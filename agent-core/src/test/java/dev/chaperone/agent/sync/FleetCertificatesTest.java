// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.model.sync.Issuance.Service;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.IssuingRoot;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetCertificatesTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final List<Service> ASKED =
            List.of(
                    new Service("chat", List.of("chat.test", "*.wild.test")),
                    new Service("code", List.of("code.test")));

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private KeyVault vault;

    private final ServerLink link = link("device-1");
    private final KeyPair keys = Keys.generate();
    private final OrganisationRoot root = OrganisationRoot.create("Test", NOW);

    @BeforeEach
    void vault() throws IOException {
        vault = new FileKeyVault(folder.resolve("keys"));
    }

    private static ServerLink link(String device) {
        return new ServerLink(
                device, "sales", "", "", URI.create("https://server.test"), "", "device-key-a");
    }

    /** What an honest server answers. */
    private static Issuance.Answer answer(
            IssuingRoot signer, PublicKey key, List<Service> asked, Instant now, String... roots) {
        return new Issuance.Answer(
                asked.stream()
                        .map(s ->
                                new Issuance.Intermediate(
                                        s.id(),
                                        Pem.encode(
                                                signer.signIntermediate(
                                                        s.id(), key, s.hosts(), now))))
                        .toList(),
                "",
                roots.length > 0 ? List.of(roots) : List.of(Pem.encode(signer.certificate())),
                List.of(),
                "state-1");
    }

    private FleetCertificates enrolled() throws IOException {
        return enrolled(answer(root, keys.getPublic(), ASKED, NOW));
    }

    private FleetCertificates enrolled(Issuance.Answer answer) throws IOException {
        FleetCertificates.keepFirst(folder, link, vault, keys, ASKED, answer, NOW);
        link.write(folder);
        return FleetCertificates.load(folder, link, vault).orElseThrow();
    }

    private static boolean vouches(FleetCertificates fleet, String service, String host) {
        return fleet.intermediate(service, List.of(), host, NOW).isPresent();
    }

    @Test
    void vouchesForTheNamesOfTheServiceAndNoOthers() throws Exception {
        FleetCertificates fleet = enrolled();
        assertThat(vouches(fleet, "chat", "chat.test")).isTrue();
        assertThat(vouches(fleet, "chat", "a.b.wild.test")).isTrue();
        assertThat(vouches(fleet, "chat", "code.test")).isFalse();
        assertThat(vouches(fleet, "chat", "notchat.test")).isFalse();
        assertThat(vouches(fleet, "chat", "test")).isFalse();
        assertThat(vouches(fleet, "other", "chat.test")).isFalse();
    }

    @Test
    void expiredIntermediateVouchesForNothing() throws Exception {
        FleetCertificates fleet = enrolled();
        Instant later = NOW.plus(Duration.ofDays(90));
        assertThat(fleet.intermediate("chat", List.of(), "chat.test", later)).isEmpty();
    }

    @Test
    void clientsAreToTrustTheOrganisationsRootAndTheOwnOneIsKeptWithoutItsKey() throws Exception {
        DataFolder data = DataFolder.open(folder);
        DeviceRoot own = data.root(NOW);
        assertThat(data.rootCertificate()).contains(own.certificate());
        FleetCertificates fleet = enrolled();
        assertThat(fleet.authorities())
                .as("none of them is believed upstream")
                .containsExactlyInAnyOrder(root.certificate(), own.certificate());
        assertThat(data.rootCertificate()).contains(root.certificate());
        data.requireTrusted(NOW);
        assertThat(data.rootCertificate()).contains(root.certificate());
        assertThat(DataFolder.own(folder)).contains(own.certificate());
        assertThat(vault.get("device-root-key")).as("vouches for any host").isEmpty();
        assertThat(folder.resolve("keys"))
                .isDirectoryNotContaining(f -> f.toString().contains("device-root"));
    }

    /** A company's server that signs nothing, after one that did. */
    @Test
    void deviceThatUsesItsOwnRootAgainMakesANewOneAndNamesTheFormer() throws Exception {
        DataFolder data = DataFolder.open(folder);
        DeviceRoot former = data.root(NOW);
        FleetCertificates ignored = enrolled();
        DataFolder.trustOwn(folder, NOW);
        DeviceRoot own = data.root(NOW);
        assertThat(own.certificate()).isNotEqualTo(former.certificate());
        assertThat(data.rootCertificate()).contains(own.certificate());
        assertThat(own.identity().certificate().getPublicKey())
                .as("key and certificate belong together")
                .isEqualTo(
                        CertificateRequests.verify(
                                CertificateRequests.create(
                                        new KeyPair(
                                                own.certificate().getPublicKey(),
                                                own.identity().key()))));
        assertThat(Pem.decodeAll(Files.readString(folder.resolve("device-root.pem"))))
                .as("what the machine's stores may hold")
                .containsExactly(own.certificate(), former.certificate());
        assertThat(DataFolder.own(folder)).contains(own.certificate());
    }

    @Test
    void deviceThatNeverHadAnOwnRootGetsNoneFromAnEnrolment() throws Exception {
        FleetCertificates ignored = enrolled();
        DataFolder.trustOwn(folder, NOW);
        assertThat(folder.resolve("device-root.pem")).doesNotExist();
        assertThat(vault.get("device-root-key")).isEmpty();
    }

    @Test
    void deviceEnrolsAgainAfterItsOwnKeyIsGone() throws Exception {
        DataFolder data = DataFolder.open(folder);
        DeviceRoot own = data.root(NOW);
        FleetCertificates ignored = enrolled();
        ServerLink other = link("device-2");
        KeyPair fresh = Keys.generate();
        FleetCertificates.keepFirst(
                folder,
                other,
                vault,
                fresh,
                ASKED,
                answer(root, fresh.getPublic(), ASKED, NOW),
                NOW);
        other.write(folder);
        FleetCertificates again = FleetCertificates.load(folder, other, vault).orElseThrow();
        assertThat(vouches(again, "chat", "chat.test")).isTrue();
        assertThat(again.authorities())
                .containsExactlyInAnyOrder(root.certificate(), own.certificate());
        assertThat(data.rootCertificate()).contains(root.certificate());
    }

    /** What a version left that kept the key, or an enrolment that was killed. */
    @Test
    void keyOfADeviceThatIsEnrolledAlreadyGoesAtTheNextStart() throws Exception {
        DataFolder data = DataFolder.open(folder);
        DeviceRoot own = data.root(NOW);
        FleetCertificates ignored = enrolled();
        vault.put("device-root-key", own.identity().key().getEncoded());
        Files.write(folder.resolve("keys/device-root-key.new"), own.identity().key().getEncoded());
        FleetCertificates again = FleetCertificates.load(folder, link, vault).orElseThrow();
        assertThat(again.roots()).containsExactly(root.certificate());
        assertThat(folder.resolve("keys"))
                .isDirectoryNotContaining(f -> f.toString().contains("device-root"));
    }

    /** Certificates that cannot be used are none: the device may need its own root again. */
    @Test
    void keyStaysWhereTheCertificatesAreDamaged() throws Exception {
        DeviceRoot own = DataFolder.open(folder).root(NOW);
        FleetCertificates.keepFirst(
                folder, link, vault, keys, ASKED, answer(root, keys.getPublic(), ASKED, NOW), NOW);
        link.write(folder);
        Files.writeString(folder.resolve("certificates/device-1.json"), "{");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> FleetCertificates.load(folder, link, vault));
        assertThat(vault.get("device-root-key")).contains(own.identity().key().getEncoded());
    }

    /** A folder of a version that knew no other root. */
    @Test
    void ownRootOfAnOlderFolderIsKept() throws Exception {
        DataFolder data = DataFolder.open(folder);
        DeviceRoot own = data.root(NOW);
        Files.delete(folder.resolve("device-root.pem"));
        FleetCertificates ignored = enrolled();
        assertThat(data.rootCertificate()).contains(root.certificate());
        assertThat(DataFolder.own(folder)).contains(own.certificate());
    }

    private void refused(Issuance.Answer tampered, String why) throws Exception {
        FleetCertificates fleet = enrolled();
        byte[] file = Files.readAllBytes(folder.resolve("certificates/device-1.json"));
        String trusted = Files.readString(folder.resolve("ca.pem"));
        assertThatExceptionOfType(PkiException.class)
                .isThrownBy(() -> fleet.accept(ASKED, tampered, vault, NOW))
                .withMessageContaining(why)
                .withMessageNotContaining("\n");
        assertThat(vouches(fleet, "chat", "chat.test")).as("the last good one stays").isTrue();
        assertThat(Files.readAllBytes(folder.resolve("certificates/device-1.json")))
                .isEqualTo(file);
        assertThat(folder.resolve("ca.pem")).content().isEqualTo(trusted);
    }

    private Issuance.Answer with(Issuance.Answer good, String service, String certificate) {
        List<Issuance.Intermediate> changed = new ArrayList<>();
        for (Issuance.Intermediate one : good.intermediates()) {
            changed.add(
                    one.service().equals(service)
                            ? new Issuance.Intermediate(service, certificate)
                            : one);
        }
        return new Issuance.Answer(
                changed, good.chain(), good.roots(), good.refused(), good.state());
    }

    @Test
    void certificateOfAnotherKeyIsRefused() throws Exception {
        refused(answer(root, Keys.generate().getPublic(), ASKED, NOW), "is for another key");
    }

    @Test
    void certificateForMoreThanWasAskedIsRefused() throws Exception {
        Issuance.Answer good = answer(root, keys.getPublic(), ASKED, NOW);
        String wide =
                Pem.encode(
                        root.signIntermediate(
                                "code", keys.getPublic(), List.of("code.test", "bank.test"), NOW));
        refused(with(good, "code", wide), "names that were not asked for");
    }

    @Test
    void unconstrainedCertificateIsRefused() throws Exception {
        Issuance.Answer good = answer(root, keys.getPublic(), ASKED, NOW);
        refused(with(good, "code", Pem.encode(root.certificate())), "is no CA for TLS servers");
    }

    @Test
    void certificateThatTheRootDidNotSignIsRefused() throws Exception {
        OrganisationRoot other = OrganisationRoot.create("Other", NOW);
        refused(
                answer(other, keys.getPublic(), ASKED, NOW, Pem.encode(root.certificate())),
                "is not signed by the organisation");
    }

    @Test
    void changedBitIsRefused() throws Exception {
        Issuance.Answer good = answer(root, keys.getPublic(), ASKED, NOW);
        String pem = good.intermediates().getLast().certificate();
        char[] changed = pem.toCharArray();
        int at = pem.lastIndexOf("-----END") - 30;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        refused(with(good, "code", new String(changed)), "");
    }

    @Test
    void chainThatDoesNotReachTheRootIsRefused() throws Exception {
        OrganisationRoot other = OrganisationRoot.create("Other", NOW);
        Issuance.Answer signed = answer(other, keys.getPublic(), ASKED, NOW);
        refused(
                new Issuance.Answer(
                        signed.intermediates(),
                        Pem.encode(other.certificate()),
                        List.of(Pem.encode(root.certificate())),
                        List.of(),
                        ""),
                "chain does not hold");
    }

    @Test
    void answerWithoutARootIsRefused() throws Exception {
        Issuance.Answer good = answer(root, keys.getPublic(), ASKED, NOW);
        refused(
                new Issuance.Answer(good.intermediates(), "", List.of(), List.of(), ""),
                "names no root");
    }

    @Test
    void enrolmentWithATamperedAnswerWritesNothing() {
        Issuance.Answer tampered = answer(root, Keys.generate().getPublic(), ASKED, NOW);
        assertThatExceptionOfType(PkiException.class)
                .isThrownBy(() ->
                        FleetCertificates.keepFirst(
                                folder, link, vault, keys, ASKED, tampered, NOW));
        assertThat(folder.resolve("certificates")).doesNotExist();
        assertThat(folder.resolve("keys/issuing-key-a")).doesNotExist();
    }

    @Test
    void damagedFileIsSaidInOneLine() throws Exception {
        FleetCertificates ignored = enrolled();
        Path file = folder.resolve("certificates/device-1.json");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst("BEGIN CERTIFICATE(.{300})..", "BEGIN CERTIFICATE$1xx"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> FleetCertificates.load(folder, link, vault))
                .withMessageContaining("enrol again")
                .withMessageNotContaining("\n");
    }

    @Test
    void asksWhenLessThan75DaysAreLeftOrSomethingChanged() throws Exception {
        FleetCertificates fleet = enrolled();
        assertThat(fleet.due(ASKED, "state-1", NOW)).isFalse();
        assertThat(fleet.due(ASKED, "state-1", NOW.plus(Duration.ofDays(14)))).isFalse();
        assertThat(fleet.due(ASKED, "state-1", NOW.plus(Duration.ofDays(15)))).isTrue();
        assertThat(fleet.due(ASKED, "state-2", NOW)).isTrue();
        assertThat(fleet.due(ASKED, null, NOW)).isFalse();
        assertThat(fleet.due(ASKED.subList(0, 1), "state-1", NOW)).isTrue();
    }

    @Test
    void renewalKeepsTheKeyAndBringsTheNextRoot() throws Exception {
        FleetCertificates fleet = enrolled();
        PublicKey before = CertificateRequests.verify(fleet.request(ASKED).csr());
        OrganisationRoot next = OrganisationRoot.create("Test", NOW);
        fleet.accept(
                ASKED,
                answer(
                        root,
                        keys.getPublic(),
                        ASKED,
                        NOW,
                        Pem.encode(root.certificate()),
                        Pem.encode(next.certificate())),
                vault,
                NOW);
        assertThat(CertificateRequests.verify(fleet.request(ASKED).csr())).isEqualTo(before);
        assertThat(Pem.decodeAll(Files.readString(folder.resolve("ca.pem"))))
                .containsExactly(root.certificate(), next.certificate());
    }

    @Test
    void nextEnrolmentUsesAnotherKeyNameAndForgetsTheFormerIdentity() throws Exception {
        FleetCertificates ignored = enrolled();
        ServerLink other = link("device-2");
        FleetCertificates.keepFirst(
                folder, other, vault, keys, ASKED, answer(root, keys.getPublic(), ASKED, NOW), NOW);
        assertThat(vault.get("issuing-key-b")).isPresent();
        assertThat(FleetCertificates.load(folder, link, vault)).as("in force").isPresent();
        other.write(folder);
        KeptIssuance.forgetOthers(folder, other);
        assertThat(FleetCertificates.load(folder, other, vault)).isPresent();
        assertThat(KeptIssuance.read(folder, link)).isEqualTo(Optional.empty());
    }
}
