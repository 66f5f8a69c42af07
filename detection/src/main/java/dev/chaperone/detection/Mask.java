// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

/**
 * Writes a sample of a value that a person recognises and nobody can turn back. Never shows six
 * consecutive characters of a value, except the public prefix of a vendor's token.
 */
final class Mask {
    private Mask() {}

    /** The sample for a value; never null, never empty. */
    static String of(String type, String value) {
        int dot = type.indexOf('.');
        String group = dot < 0 ? type : type.substring(0, dot);
        return switch (group) {
            case "CREDIT_CARD", "IBAN", "BANK_ACCOUNT" -> "**** " + last(value, 4);
            case "PHONE", "NATIONAL_ID", "TAX_ID" -> "*** " + last(value, 2);
            case "EMAIL" -> email(value);
            case "PERSON", "ADDRESS" -> value.charAt(0) + "***";
            case "JWT" -> "eyJ***";
            case "PRIVATE_KEY" -> "*** private key ***";
            case "CONNECTION_STRING" -> scheme(value);
            case "SECRET" -> prefix(value);
            default -> "***";
        };
    }

    /** The last characters of those that count, so that grouping does not matter. */
    private static String last(String value, int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            if (Character.isLetterOrDigit(value.charAt(i))) {
                digits.append(value.charAt(i));
            }
        }
        return digits.length() < 3 * count ? "" : digits.substring(digits.length() - count);
    }

    private static String email(String value) {
        int at = value.lastIndexOf('@');
        int dot = value.lastIndexOf('.');
        if (at < 1 || dot < at + 2) {
            return "***@***";
        }
        String top = value.substring(dot);
        return value.charAt(0)
                + "***@"
                + value.charAt(at + 1)
                + "***"
                + (top.length() < 6 ? top : ".***");
    }

    private static String scheme(String value) {
        int end = value.indexOf("://");
        return end > 0 && end <= 5 ? value.substring(0, end) + "://***" : "***";
    }

    /** A vendor's prefix, at most five characters and ended by its own separator. */
    private static String prefix(String value) {
        for (int i = 1; i < Math.min(5, value.length() / 4); i++) {
            char c = value.charAt(i);
            if (c == '_' || c == '-') {
                return value.substring(0, i + 1) + "****";
            }
        }
        return value.startsWith("AKIA") || value.startsWith("ASIA")
                ? value.substring(0, 4) + "****"
                : "****";
    }
}
