// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;

/**
 * A JDK's {@code cacerts}: JKS with the customary password up to JDK 17, PKCS #12 without a
 * password from 18 on (JDK-8275252). Kept in the form it has: a PKCS #12 with a password would look
 * empty to the JDK.
 */
final class JavaKeystore {
    private static final char[] CUSTOMARY = "changeit".toCharArray();
    private static final int DER_SEQUENCE = 0x30;

    private final Path file;
    private final byte[] content;
    private final boolean pkcs12;

    private JavaKeystore(Path file, byte[] content) {
        this.file = file;
        this.content = content;
        this.pkcs12 = content.length > 0 && content[0] == DER_SEQUENCE;
    }

    static JavaKeystore open(Path file) throws IOException, StepException {
        JavaKeystore keystore = new JavaKeystore(file, Files.readAllBytes(file));
        KeyStore read = keystore.read();
        assert read.getType() != null;
        return keystore;
    }

    private KeyStore read() throws StepException {
        try {
            KeyStore store = KeyStore.getInstance(pkcs12 ? "PKCS12" : "JKS");
            store.load(new ByteArrayInputStream(content), pkcs12 ? null : CUSTOMARY);
            if (store.size() > 0 || content.length < 128) {
                return store;
            }
        } catch (GeneralSecurityException | IOException e) {
            // Said below.
        }
        throw new StepException(
                "the Java keystore "
                        + file
                        + " cannot be read (a password of its own?); import the root there with keytool");
    }

    boolean holds(String alias) throws StepException {
        try {
            return read().containsAlias(alias);
        } catch (KeyStoreException e) {
            throw new IllegalStateException("it was loaded", e);
        }
    }

    byte[] with(String alias, X509Certificate root) throws StepException {
        return changed(store -> store.setCertificateEntry(alias, root));
    }

    byte[] without(String alias) throws StepException {
        return changed(store -> store.deleteEntry(alias));
    }

    private interface Edit {
        void to(KeyStore store) throws KeyStoreException;
    }

    private byte[] changed(Edit edit) throws StepException {
        KeyStore store = read();
        // Read by the provider when it stores: no encryption, no integrity password (JDK-8076190).
        System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
        System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
        try {
            edit.to(store);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, pkcs12 ? null : CUSTOMARY);
            return out.toByteArray();
        } catch (GeneralSecurityException | IOException e) {
            throw new StepException("the Java keystore " + file + " cannot be written");
        }
    }
}
