// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Textual encoding of certificates (RFC 7468). */
public final class Pem {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private Pem() {}

    public static String encode(X509Certificate certificate) {
        try {
            return BEGIN
                    + "\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(certificate.getEncoded())
                    + "\n"
                    + END
                    + "\n";
        } catch (CertificateEncodingException e) {
            throw new PkiException("a certificate cannot be encoded", e);
        }
    }

    /**
     * Every certificate of a PEM bundle that can be read; one that cannot (an unknown curve, say)
     * is left out, as OpenSSL does.
     */
    public static List<X509Certificate> decodeAll(String bundle) {
        List<X509Certificate> found = new ArrayList<>();
        int at = 0;
        while ((at = bundle.indexOf(BEGIN, at)) >= 0) {
            int end = bundle.indexOf(END, at);
            if (end < 0) {
                break;
            }
            decode(bundle.substring(at + BEGIN.length(), end), found);
            at = end + END.length();
        }
        return found;
    }

    private static void decode(String base64, List<X509Certificate> into) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64.getBytes(StandardCharsets.US_ASCII));
            into.add(
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(der)));
        } catch (CertificateException | IllegalArgumentException e) {
            // Left out: see the method's contract.
        }
    }
}
