// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.util.Locale;

/**
 * Tells requests whose body a signature or digest covers: such a body cannot be rewritten without
 * breaking it, so it is refused instead (DESIGN §2 rule 3). Sources: AWS Signature Version 4, RFC
 * 9421, RFC 9530, RFC 1864.
 */
public final class SignedBody {
    private SignedBody() {}

    public static boolean covers(RequestHead head) {
        for (HeaderField field : head.headers()) {
            switch (field.name().toLowerCase(Locale.ROOT)) {
                case "authorization" -> {
                    if (field.value().startsWith("AWS4-")) {
                        return true;
                    }
                }
                case "x-amz-content-sha256" -> {
                    if (!field.value().equals("UNSIGNED-PAYLOAD")) {
                        return true;
                    }
                }
                case "content-md5",
                        "digest",
                        "content-digest",
                        "repr-digest",
                        "signature-input",
                        "x-content-sha256" -> {
                    return true;
                }
                default -> {}
            }
        }
        return head.query().contains("X-Amz-Signature=");
    }
}
