// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import java.util.Random;

/**
 * Random secrets that look real and are not, made at run time so that no scanner trips over this
 * file.
 */
final class SampleSecrets {
    private static final String ALPHANUMERIC =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private SampleSecrets() {}

    static String next(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> "AKIA" + text(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
            case 1 -> "ghp_" + text(random, ALPHANUMERIC, 36);
            case 2 -> card(random);
            case 3 -> "sk-ant-api03-" + text(random, ALPHANUMERIC, 93) + "AA";
            case 4 ->
                    "xoxb-"
                            + text(random, "0123456789", 12)
                            + "-"
                            + text(random, "0123456789", 12)
                            + "-"
                            + text(random, ALPHANUMERIC, 24);
            default -> "AIza" + text(random, ALPHANUMERIC, 35);
        };
    }

    static String card(Random random) {
        String body = "4539" + text(random, "0123456789", 11);
        int sum = 0;
        for (int i = 0; i < body.length(); i++) {
            int digit = body.charAt(body.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return body + (10 - sum % 10) % 10;
    }

    static String text(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
