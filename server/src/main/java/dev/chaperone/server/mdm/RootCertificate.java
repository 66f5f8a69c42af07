// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import dev.chaperone.pki.Pem;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * A root as MDM wants it.
 *
 * @param fileName {@code root.cer}, {@code root-2.cer} …
 */
record RootCertificate(String fileName, X509Certificate certificate) {
    static List<RootCertificate> of(KitInput input) {
        List<RootCertificate> all = new ArrayList<>();
        for (X509Certificate certificate : input.roots()) {
            String number = all.isEmpty() ? "" : "-" + (all.size() + 1);
            all.add(new RootCertificate("root" + number + ".cer", certificate));
        }
        return all;
    }

    /** RFC 2253. */
    String subject() {
        return certificate.getSubjectX500Principal().getName();
    }

    byte[] der() {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read is encoded", e);
        }
    }

    /** Each as DER, all as PEM. */
    static List<KitFile> files(KitInput input) {
        List<KitFile> files = new ArrayList<>();
        of(input).forEach(r -> files.add(KitFile.bytes(r.fileName, r.der())));
        StringBuilder pem = new StringBuilder();
        input.roots().forEach(c -> pem.append(Pem.encode(c)));
        files.add(KitFile.bytes("root.pem", pem.toString().getBytes(StandardCharsets.US_ASCII)));
        return files;
    }

    /** File name without its ending. */
    String name() {
        return fileName.substring(0, fileName.indexOf('.'));
    }

    String base64() {
        return Base64.getEncoder().encodeToString(der());
    }

    /** 64 hex digits. */
    String sha256() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
