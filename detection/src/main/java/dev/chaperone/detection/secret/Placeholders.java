// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import java.util.Locale;
import java.util.Set;

/**
 * Values that stand for a secret and are none: {@code your-api-key}, {@code xxxx}, {@code ${X}}.
 */
final class Placeholders {
    private static final String[] PARTS = {
        "your",
        "example",
        "placeholder",
        "dummy",
        "redacted",
        "changeme",
        "change_me",
        "change-me",
        "insert",
        "replace",
        "todo",
        "fixme",
        "sample",
        "xxxx",
        "****",
        "....",
        "...",
        "…",
        "<",
        "${",
        "{{",
        "$(",
        "%(",
        "#{",
        "enter",
        "my_",
        "my-",
        "fake",
        "notreal",
        "not-a-real",
        "abcdef123456",
        "1234567890abcdef",
        "0123456789abcdef",
        "secret_here",
        "_here",
        "-here",
        "foobar",
        "lorem",
        "hidden"
    };
    private static final Set<String> WORDS =
            Set.of(
                    "password",
                    "passwd",
                    "secret",
                    "token",
                    "apikey",
                    "api_key",
                    "key",
                    "null",
                    "none",
                    "true",
                    "false",
                    "undefined",
                    "string",
                    "test",
                    "value",
                    "user",
                    "username",
                    "admin",
                    "default",
                    "required",
                    "optional",
                    "hash",
                    "hashed",
                    "plaintext",
                    "encrypted",
                    "nil",
                    "password123",
                    "secret123",
                    "pass",
                    "str",
                    "bool",
                    "int",
                    "varchar",
                    "text",
                    "mypassword",
                    "yourpassword",
                    "userpassword",
                    "username:password",
                    "user:password",
                    "user:pass",
                    "mysecret",
                    "mytoken",
                    "newpassword",
                    "bearer",
                    "basic",
                    "root:password");

    private static final String MASKS = "x0*.#_-";

    private Placeholders() {}

    /** Whether a value of an assignment is a placeholder. */
    static boolean isOne(String value) {
        String low = value.toLowerCase(Locale.ROOT);
        if (WORDS.contains(low)
                || low.startsWith("$")
                || (low.startsWith("%") && low.endsWith("%"))) {
            return true;
        }
        for (String part : PARTS) {
            if (low.contains(part)) {
                return true;
            }
        }
        return repeats(low, 0);
    }

    /**
     * Whether the random part of a vendor's token is not random: one character again and again, a
     * mask, or too few different characters.
     */
    static boolean inToken(String token, int prefix) {
        String body = token.substring(Math.min(prefix, token.length())).toLowerCase(Locale.ROOT);
        if (body.contains("xxxxx") || body.contains("...") || body.contains("00000000000")) {
            return true;
        }
        for (String part : new String[] {"your", "placeholder", "dummy", "redacted", "notareal"}) {
            if (body.contains(part)) {
                return true;
            }
        }
        return masked(body);
    }

    /**
     * Whether most of a text is a character that people mask with. Other repetitions ({@code
     * sk_live_AAAA…}) keep the token's exact shape: redacting one that is made up costs nothing,
     * and letting one pass could.
     */
    static boolean masked(String body) {
        long mask = body.chars().filter(c -> MASKS.indexOf(c) >= 0).count();
        return body.length() >= 12 && mask * 4 > body.length() * 3L;
    }

    /** Whether at most three different characters make up the value. */
    private static boolean repeats(String value, int from) {
        return value.length() - from >= 4 && value.chars().skip(from).distinct().count() <= 3;
    }
}
