// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Made-up sensitive values for the texts of test cases: {@code ${sample.card}}. They are put
 * together at run time, so that no secret scanner takes a policy for a leak. All have the right
 * shape and check digits; none belongs to anybody.
 */
public final class SampleValues {
    private static final Pattern PLACEHOLDER =
            Pattern.compile("\\$\\{sample\\.([A-Za-z0-9-]{1,40})}");
    private static final Map<String, Supplier<String>> SAMPLES = new TreeMap<>();

    static {
        SAMPLES.put("aws-access-key", () -> "AKIA" + word(16, "QXJ7NLBV2KD5TRWM"));
        SAMPLES.put("github-token", () -> "ghp" + "_" + word(36, "x8Kq2LmZ0vTn5RbW"));
        SAMPLES.put("openai-key", () -> "sk-" + "proj-" + word(64, "Qm7xT2vLd9Kc4ZrN"));
        SAMPLES.put(
                "anthropic-key", () -> "sk-" + "ant-api03-" + word(93, "w3Hk8PzR1nYbG6tJ") + "AA");
        SAMPLES.put(
                "slack-token",
                () -> "xoxb" + "-210987654321-210987654322-" + word(24, "bV4nQz8LrT1x"));
        SAMPLES.put("password", () -> "password = \"" + "h7!Tq" + "-vr2Zp9x\"");
        SAMPLES.put(
                "connection-string",
                () -> "postgres://" + "reports:" + "h7Tqvr2Zp9x" + "@db.internal.corp:5432/crm");
        SAMPLES.put("jwt", SampleValues::jwt);
        SAMPLES.put("private-key", SampleValues::privateKey);
        SAMPLES.put("card", () -> luhn("453201" + "877340215"));
        SAMPLES.put("card-example", () -> "4111" + "1111".repeat(3));
        SAMPLES.put("iban", () -> iban("DE", "37040044" + "0731204518"));
        SAMPLES.put("email", () -> email(0));
        SAMPLES.put("emails", () -> lines(12, SampleValues::email));
        SAMPLES.put("phone", () -> phone(0));
        SAMPLES.put("phones", () -> lines(12, SampleValues::phone));
        SAMPLES.put("people-table", SampleValues::peopleTable);
        SAMPLES.put("people-table-short", () -> table(3));
    }

    private SampleValues() {}

    /** The names after {@code sample.}; sorted. */
    public static Set<String> names() {
        return Collections.unmodifiableSet(SAMPLES.keySet());
    }

    /** The text with every placeholder replaced; an unknown one stays as it is. */
    public static String expand(String text) {
        return PLACEHOLDER
                .matcher(text)
                .replaceAll(match -> {
                    Supplier<String> sample = SAMPLES.get(match.group(1));
                    return Matcher.quoteReplacement(sample == null ? match.group() : sample.get());
                });
    }

    /** The first placeholder that names no sample. */
    static Optional<String> unknownIn(String text) {
        return PLACEHOLDER
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .filter(name -> !SAMPLES.containsKey(name))
                .findFirst();
    }

    /** {@code length} characters, the seed's in a changing order. */
    private static String word(int length, String seed) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append(seed.charAt((i * 7 + i / seed.length() * 3) % seed.length()));
        }
        return word.toString();
    }

    /** RFC 7519 shape with a made-up signature. */
    private static String jwt() {
        var encoder = java.util.Base64.getUrlEncoder().withoutPadding();
        return encoder.encodeToString(bytes("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"))
                + "."
                + encoder.encodeToString(bytes("{\"sub\":\"4711\",\"iat\":1764000000}"))
                + "."
                + word(43, "Zx9Kq2LmB0vTn5Rw");
    }

    /** RFC 7468 shape around random-looking base64. */
    private static String privateKey() {
        String label = "PRIVATE" + " KEY-----";
        return "-----BEGIN "
                + label
                + "\n"
                + lines(6, i -> word(64, "MIIEvQIBADANBgkq".substring(i) + "hZ3x8Kq2LmT0vTn5"))
                + "\n-----END "
                + label;
    }

    /** Appends the check digit; ISO/IEC 7812-1 Annex B. */
    static String luhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return digits + (10 - sum % 10) % 10;
    }

    /** Puts country and check digits before the account; ISO 13616, mod 97-10 of ISO/IEC 7064. */
    static String iban(String country, String account) {
        int rest = 0;
        for (char c : (account + country + "00").toCharArray()) {
            int value = Character.digit(c, 36);
            rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
        }
        return country + "%02d".formatted(98 - rest) + account;
    }

    private static final String[] GIVEN = {
        "Maria", "Thomas", "Aisha", "Daniel", "Sofia", "James", "Elena", "Michael", "Priya",
        "Robert", "Julia", "David"
    };
    private static final String[] FAMILY = {
        "Keller",
        "Okafor",
        "Lindqvist",
        "Moreau",
        "Petrov",
        "Walsh",
        "Tanaka",
        "Fischer",
        "Haddad",
        "Novak",
        "Garcia",
        "Brandt"
    };

    private static String email(int i) {
        return (GIVEN[i] + "." + FAMILY[i]).toLowerCase(java.util.Locale.ROOT)
                + "@nordlicht-handel.de";
    }

    private static String phone(int i) {
        return "+49 30 901820" + (10 + i * 3);
    }

    private static String peopleTable() {
        return table(12);
    }

    private static String table(int rows) {
        return "name,email,phone,city\n"
                + lines(
                        rows,
                        i ->
                                GIVEN[i] + " " + FAMILY[i] + "," + email(i) + "," + phone(i)
                                        + ",Berlin");
    }

    private static String lines(int count, java.util.function.IntFunction<String> line) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(i == 0 ? "" : "\n").append(line.apply(i));
        }
        return lines.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
