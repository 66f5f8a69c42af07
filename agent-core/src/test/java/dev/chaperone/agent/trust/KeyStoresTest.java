// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both formats that JDKs ship: JKS with the usual password, PKCS12 without any. */
class KeyStoresTest {
    private final DeviceRoot ours = DeviceRoot.create("Chaperone", Instant.now());
    private final DeviceRoot company = DeviceRoot.create("Company", Instant.now());
    private final RootInKeyStore edit = new RootInKeyStore(Pem.encode(ours.certificate()));

    private byte[] store(String type, char @Nullable [] password) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        store.load(null, null);
        store.setCertificateEntry("company", company.certificate());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, password);
        return out.toByteArray();
    }

    private void staysAsItIs(byte[] before, X509Certificate theirs) throws Exception {
        byte[] with = edit.apply(before);
        assertThat(RootInKeyStore.holds(with, ours.certificate())).isTrue();
        assertThat(RootInKeyStore.holds(with, theirs)).isTrue();
        assertThat(edit.apply(with)).isEqualTo(with);
        byte[] without = edit.remove(with).orElseThrow();
        assertThat(RootInKeyStore.holds(without, ours.certificate())).isFalse();
        assertThat(RootInKeyStore.holds(without, theirs)).isTrue();
        assertThat(edit.remove(without)).isEmpty();
    }

    @Test
    void jks() throws Exception {
        staysAsItIs(store("JKS", "changeit".toCharArray()), company.certificate());
    }

    @Test
    void pkcs12WithoutPasswordStaysWithoutOne() throws Exception {
        byte[] before = store("PKCS12", null);
        staysAsItIs(before, company.certificate());
        KeyStore open = KeyStore.getInstance("PKCS12");
        open.load(new ByteArrayInputStream(edit.apply(before)), null);
        assertThat(open.size()).isEqualTo(2);
    }

    @Test
    void thisJdksOwn() throws Exception {
        Path cacerts = Path.of(System.getProperty("java.home"), "lib/security/cacerts");
        byte[] before = Files.readAllBytes(cacerts);
        byte[] with = edit.apply(before);
        assertThat(RootInKeyStore.holds(with, ours.certificate())).isTrue();
        KeyStore many = KeyStore.getInstance(cacerts.toFile(), "changeit".toCharArray());
        assertThat(
                        RootInKeyStore.holds(
                                with,
                                (X509Certificate)
                                        many.getCertificate(many.aliases().nextElement())))
                .isTrue();
    }

    @Test
    void otherPasswordIsSaid() throws Exception {
        byte[] other = store("JKS", "another".toCharArray());
        assertThatThrownBy(() -> edit.apply(other))
                .isInstanceOf(TrustException.class)
                .hasMessageContaining("keytool -importcert");
    }

    @Test
    void undoneStoreIsTheSameBytes(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        byte[] before = store("JKS", "changeit".toCharArray());
        Path file = Files.write(home.resolve("cacerts"), before);
        UndoLedger ledger = new UndoLedger(folder.resolve("ledger"), home);
        assertThat(ledger.apply(file, edit)).isPresent();
        assertThat(ledger.undoAll())
                .extracting(UndoLedger.Undone::result)
                .containsExactly(UndoLedger.Result.RESTORED);
        assertThat(file).hasBinaryContent(before);
    }
}
