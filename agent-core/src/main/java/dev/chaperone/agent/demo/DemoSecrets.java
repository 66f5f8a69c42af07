// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Fills the placeholders of one exchange with made-up values and remembers which of them must not
 * arrive.
 */
final class DemoSecrets {
    private static final String ALPHANUMERIC =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String[] FIRST = {
        "Anna", "Jonas", "Mia", "Peter", "Laura", "Ahmed", "Sofia", "Lukas", "Emma", "Piotr",
        "Chloe", "David"
    };
    private static final String[] LAST = {
        "Brandt",
        "Keller",
        "Novak",
        "Hoffmann",
        "Rossi",
        "Yilmaz",
        "Lindqvist",
        "Meyer",
        "Dubois",
        "Kowalski",
        "Martin",
        "Schulz"
    };

    private final Random random;
    private final List<String> used = new ArrayList<>();

    DemoSecrets(Random random) {
        this.random = random;
    }

    /** Values that were filled in and are sensitive. */
    List<String> used() {
        return List.copyOf(used);
    }

    /** Replaces {@code ${aws}}, {@code ${card}} and the like; the text may be JSON. */
    String fill(String text) {
        String filled =
                text.replace("${rs}", "\u001e")
                        .replace("${aws-example}", "AKIA" + "IOSFODNN7EXAMPLE");
        if (filled.contains("${aws-tail}")) {
            String tail = "KIA" + random(BASE32, 16);
            used.add(tail);
            filled = filled.replace("${aws-tail}", tail);
        }
        if (filled.contains("${aws}")) {
            filled = filled.replace("${aws}", secret("AKIA" + random(BASE32, 16)));
        }
        if (filled.contains("${github}")) {
            filled = filled.replace("${github}", secret("ghp_" + random(ALPHANUMERIC, 36)));
        }
        if (filled.contains("${card}")) {
            filled = filled.replace("${card}", secret(card()));
        }
        if (filled.contains("${iban}")) {
            filled = filled.replace("${iban}", secret(iban()));
        }
        return filled.contains("${people}") ? filled.replace("${people}", people()) : filled;
    }

    private String secret(String value) {
        used.add(value);
        return value;
    }

    /** Twelve rows of CSV, their line ends escaped for JSON. */
    private String people() {
        StringBuilder csv = new StringBuilder("name,email,phone,plan");
        for (int i = 0; i < FIRST.length; i++) {
            String name = FIRST[i] + " " + LAST[i];
            String mail = name.toLowerCase(Locale.ROOT).replace(' ', '.') + "@nordhafen-kunden.de";
            String phone = "+49 30 " + (2_000_000 + random.nextInt(7_999_999));
            csv.append("\\n")
                    .append(secret(name))
                    .append(',')
                    .append(secret(mail))
                    .append(',')
                    .append(secret(phone))
                    .append(",basic");
        }
        return csv.toString();
    }

    private String random(String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    /** A random German account number with its check digits (ISO 13616, ISO 7064 mod 97-10). */
    private String iban() {
        String account = "50010517" + random("0123456789", 10);
        BigInteger number = new BigInteger(account + "131400"); // DE00
        int check = 98 - number.mod(BigInteger.valueOf(97)).intValue();
        return String.format(Locale.ROOT, "DE%02d%s", check, account);
    }

    /** A random number that passes the Luhn check (ISO/IEC 7812-1 Annex B). */
    private String card() {
        String body = "4539" + random("0123456789", 11);
        int sum = 0;
        for (int i = 0; i < body.length(); i++) {
            int digit = body.charAt(body.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return body + (10 - sum % 10) % 10;
    }
}
