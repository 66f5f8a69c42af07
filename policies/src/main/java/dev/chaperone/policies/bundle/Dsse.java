// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.bundle;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What a DSSE signature covers (secure-systems-lab/dsse, protocol v1.0.2). */
public final class Dsse {
    private Dsse() {}

    /**
     * The pre-authentication encoding: {@code "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body},
     * lengths in bytes as ASCII decimals. Injective, so that type and body cannot be confused.
     *
     * @param payloadType written as UTF-8
     * @param payload the exact bytes
     */
    public static byte[] preAuthenticationEncoding(String payloadType, byte[] payload) {
        byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + type.length + 32);
        out.writeBytes(ascii("DSSEv1 " + type.length + " "));
        out.writeBytes(type);
        out.writeBytes(ascii(" " + payload.length + " "));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
