// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** How a root is written and named in every store. */
public final class Roots {
    private static final int SHORT = 8;
    private static final Pattern NAME = Pattern.compile("chaperone-[0-9a-f]{8}\\b");

    private Roots() {}

    /** PEM (RFC 7468 §5). */
    public static String pem(X509Certificate root) throws StepException {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der(root))
                + "\n-----END CERTIFICATE-----\n";
    }

    public static byte[] der(X509Certificate root) throws StepException {
        try {
            return root.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new StepException("the root certificate cannot be encoded");
        }
    }

    /** {@code chaperone-} and the first eight hex digits of its SHA-256: two roots, two names. */
    public static String name(X509Certificate root) throws StepException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(der(root));
            return "chaperone-" + HexFormat.of().formatHex(digest).substring(0, SHORT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The names in a text, as {@link #name} makes them. */
    static List<String> namesIn(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).toList();
    }
}
