// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ServiceCertificatesTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final List<String> HOSTS = List.of("chat.test", "*.wild.test");

    private final DeviceRoot root = DeviceRoot.create("Test", NOW);
    private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);
    private final ServiceCertificates certificates = new ServiceCertificates(root, clock::get);

    private void validate(List<X509Certificate> chain) throws Exception {
        var path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(root.certificate(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(clock.get()));
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    @Test
    void leafOfAnOpenedHostValidates() throws Exception {
        validate(certificates.leaf("chat", HOSTS, "chat.test").chain());
        validate(certificates.leaf("chat", HOSTS, "a.wild.test").chain());
    }

    @Test
    void leafOfAForeignHostIsRejected() {
        var leaf = certificates.leaf("chat", HOSTS, "bank.test");
        assertThatThrownBy(() -> validate(leaf.chain()))
                .isInstanceOf(CertPathValidatorException.class);
    }

    @Test
    void leafNamesOnlyItsHost() throws Exception {
        X509Certificate leaf = certificates.leaf("chat", HOSTS, "chat.test").chain().getFirst();
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(2, "chat.test"));
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    }

    @Test
    void intermediateIsConstrained() throws Exception {
        X509Certificate intermediate = certificates.leaf("chat", HOSTS, "chat.test").chain().get(1);
        assertThat(intermediate.getBasicConstraints()).isZero();
        assertThat(intermediate.getCriticalExtensionOIDs()).contains("2.5.29.30");
        assertThat(
                        Duration.between(
                                intermediate.getNotBefore().toInstant(),
                                intermediate.getNotAfter().toInstant()))
                .isLessThanOrEqualTo(Duration.ofDays(90));
    }

    @Test
    void leafIsKeptUntilSevenDaysBeforeItsEnd() {
        var first = certificates.leaf("chat", HOSTS, "chat.test");
        clock.set(NOW.plus(Duration.ofDays(15)));
        assertThat(certificates.leaf("chat", HOSTS, "chat.test")).isSameAs(first);
        clock.set(NOW.plus(Duration.ofDays(23)));
        assertThat(certificates.leaf("chat", HOSTS, "chat.test").expires())
                .isAfter(first.expires());
    }

    @Test
    void intermediateIsRenewedThirtyDaysBeforeItsEnd() {
        var first = certificates.leaf("chat", HOSTS, "chat.test").chain().get(1);
        clock.set(NOW.plus(Duration.ofDays(61)));
        assertThat(certificates.leaf("chat", HOSTS, "chat.test").chain().get(1))
                .isNotEqualTo(first);
    }

    @Test
    void intermediateWithoutHostsIsNotMade() {
        assertThatThrownBy(() -> certificates.leaf("chat", List.of(), "chat.test"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pemRoundTrips() {
        String bundle =
                "# comment\n"
                        + Pem.encode(root.certificate())
                        + "\n"
                        + Pem.encode(root.certificate());
        assertThat(Pem.decodeAll(bundle)).containsExactly(root.certificate(), root.certificate());
        assertThat(Pem.decodeAll("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"))
                .isEmpty();
    }
}
