// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What an administrator hands out so that a device may enrol: one line of text. Uses, expiry and
 * group are kept by the server under the secret's hash.
 *
 * @param server base address of the console listener, {@code https://host:port}
 * @param pin SHA-256 of the subject public key info of the server's CA, 32 bytes in lower-case hex
 *     (RFC 7469 §2.4 pins the same bytes); checked before the first byte is sent
 * @param secret random, at least 128 bits, base64url
 */
public record EnrolmentToken(URI server, String pin, String secret) {
    private static final String PREFIX = "chp1.";

    public EnrolmentToken {
        if (!"https".equals(server.getScheme()) || server.getHost() == null) {
            throw new IllegalArgumentException("the server's address is not https://host[:port]");
        }
        if (pin.length() != 64 || secret.length() < 22) {
            throw new IllegalArgumentException("the pin or the secret is too short");
        }
        HexFormat.of().parseHex(pin);
    }

    /** One line: {@code chp1.} and base64url of address, pin and secret. */
    public String text() {
        String plain = server + "\n" + pin + "\n" + secret;
        return PREFIX
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads {@link #text}.
     *
     * @throws IllegalArgumentException when it is none; the message quotes nothing of it
     */
    public static EnrolmentToken parse(String text) {
        String[] parts = {};
        if (text.strip().startsWith(PREFIX)) {
            try {
                byte[] plain =
                        Base64.getUrlDecoder().decode(text.strip().substring(PREFIX.length()));
                parts = new String(plain, StandardCharsets.UTF_8).split("\n", -1);
            } catch (IllegalArgumentException e) {
                // said below
            }
        }
        if (parts.length == 3) {
            try {
                return new EnrolmentToken(URI.create(parts[0]), parts[1], parts[2]);
            } catch (IllegalArgumentException e) {
                // said below
            }
        }
        throw new IllegalArgumentException(
                "not an enrolment token: copy the whole line that begins with " + PREFIX);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "EnrolmentToken[" + server + "]";
    }
}
