// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import dev.chaperone.pki.Pem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * Our root as a trusted entry of a JDK's {@code cacerts}, as {@code keytool -importcert} makes it
 * (JDK tool specification, keytool, "The cacerts Certificates File"). The store keeps its format:
 * JKS up to JDK 17, PKCS12 without a password since JDK 18 (JDK-8275252).
 *
 * @param pem our root
 */
record RootInKeyStore(String pem) implements Edit {
    private static final String ALIAS = "chaperone-trust";

    /** The password that every JDK ships with; it protects nothing, certificates are public. */
    private static final char[] USUAL = {'c', 'h', 'a', 'n', 'g', 'e', 'i', 't'};

    private static final int JKS_MAGIC = 0xFE;

    @Override
    public byte[] apply(byte[] before) throws TrustException {
        try {
            char[] password = password(before);
            KeyStore store = load(before, password);
            X509Certificate root = root();
            if (root.equals(store.getCertificate(ALIAS))) {
                return before;
            }
            store.setCertificateEntry(ALIAS, root);
            return bytes(store, password);
        } catch (GeneralSecurityException | IOException e) {
            throw unreadable();
        }
    }

    @Override
    public Optional<byte[]> remove(byte[] current) throws TrustException {
        try {
            char[] password = password(current);
            KeyStore store = load(current, password);
            if (!root().equals(store.getCertificate(ALIAS))) {
                return Optional.empty();
            }
            store.deleteEntry(ALIAS);
            return Optional.of(bytes(store, password));
        } catch (GeneralSecurityException | IOException e) {
            throw unreadable();
        }
    }

    /** Whether a store trusts the root, under whatever alias. */
    static boolean holds(byte[] store, X509Certificate root) {
        try {
            return load(store, password(store)).getCertificateAlias(root) != null;
        } catch (GeneralSecurityException | IOException e) {
            return false;
        }
    }

    private X509Certificate root() throws IOException {
        return Pem.decodeAll(pem).getFirst();
    }

    /** Null for a store without one: with a password it would get a MAC and be another file. */
    private static char @org.jspecify.annotations.Nullable [] password(byte[] store)
            throws IOException, GeneralSecurityException {
        if (type(store).equals("JKS")) {
            return USUAL;
        }
        KeyStore open = load(store, null);
        return open.aliases().hasMoreElements() ? null : USUAL;
    }

    private static String type(byte[] store) {
        return store.length > 0 && (store[0] & 0xFF) == JKS_MAGIC ? "JKS" : "PKCS12";
    }

    private static KeyStore load(byte[] bytes, char @org.jspecify.annotations.Nullable [] password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(type(bytes));
        store.load(new ByteArrayInputStream(bytes), password);
        return store;
    }

    private static byte[] bytes(KeyStore store, char @org.jspecify.annotations.Nullable [] password)
            throws IOException, GeneralSecurityException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, password);
        return out.toByteArray();
    }

    private static TrustException unreadable() {
        return new TrustException(
                "is no key store with the usual password; import the root by keytool -importcert"
                        + " -cacerts -file, taking it from 'chaperone ca export'");
    }
}
