// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerCaTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final String BEGIN = "-----BEGIN CERTIFICATE REQUEST-----\n";
    private static final String END = "\n-----END CERTIFICATE REQUEST-----\n";

    private final ServerCa ca = ServerCa.create("Example", NOW);
    private final KeyPair keys = Keys.generate();

    @Test
    void requestProvesPossessionOfItsKey() {
        assertThat(CertificateRequests.verify(CertificateRequests.create(keys)))
                .isEqualTo(keys.getPublic());
    }

    @Test
    void changedRequestIsRefused() {
        String pem = CertificateRequests.create(keys);
        byte[] der =
                Base64.getMimeDecoder()
                        .decode(pem.substring(BEGIN.length(), pem.length() - END.length()));
        for (int i = 0; i < der.length; i++) {
            byte[] bad = der.clone();
            bad[i] ^= 1;
            String changed = BEGIN + Base64.getEncoder().encodeToString(bad) + END;
            assertThatThrownBy(() -> CertificateRequests.verify(changed))
                    .as("byte " + i)
                    .isInstanceOf(PkiException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", BEGIN + END, BEGIN + "AAAA" + END, BEGIN + "%%" + END})
    void whatIsNoRequestIsRefused(String pem) {
        assertThatThrownBy(() -> CertificateRequests.verify(pem))
                .isInstanceOf(PkiException.class)
                .hasMessageContaining("PKCS #10");
    }

    @Test
    void onlyP256IsTaken() throws Exception {
        KeyPairGenerator p384 = KeyPairGenerator.getInstance("EC");
        p384.initialize(new java.security.spec.ECGenParameterSpec("secp384r1"));
        String pem = CertificateRequests.create(p384.generateKeyPair());
        assertThatThrownBy(() -> CertificateRequests.verify(pem)).hasMessageContaining("P-256");
    }

    @Test
    void clientCertificateIsForClientsAndThirtyDays() throws Exception {
        X509Certificate client = ca.clientCertificate("a-device", keys.getPublic(), NOW);
        client.verify(ca.certificate().getPublicKey());
        assertThat(client.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(client.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(30)));
        assertThat(client.getBasicConstraints()).isEqualTo(-1);
        assertThat(client.getSubjectX500Principal().getName()).contains("CN=a-device");
    }

    @Test
    void serverLeafNamesHostsAndAddresses() throws Exception {
        X509Certificate leaf =
                ca.serverLeaf(List.of("c.example", "127.0.0.1", "::1"), keys.getPublic(), NOW);
        leaf.verify(ca.certificate().getPublicKey());
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getSubjectAlternativeNames())
                .extracting(n -> n.get(0) + "=" + n.get(1))
                .containsExactly("2=c.example", "7=127.0.0.1", "7=0:0:0:0:0:0:0:1");
    }

    @Test
    void keptCaSignsOn() throws Exception {
        ServerCa again =
                ServerCa.of(
                        new SigningIdentity(
                                ca.certificate(),
                                Keys.privateKey(ca.identity().key().getEncoded())));
        again.clientCertificate("d", keys.getPublic(), NOW).verify(ca.certificate().getPublicKey());
        assertThat(ServerCa.pin(again.certificate())).isEqualTo(ServerCa.pin(ca.certificate()));
        assertThat(ServerCa.pin(ca.certificate())).matches("[0-9a-f]{64}");
    }
}
