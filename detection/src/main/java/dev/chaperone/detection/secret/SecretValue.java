// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.text.CharSet;

/** Whether a value that a name calls secret looks like one. */
final class SecretValue {
    private static final CharSet TOKEN = CharSet.of("a-zA-Z0-9_.~+/=:|@%!-");

    private SecretValue() {}

    /**
     * Whether a value looks like a key or token: random characters of two kinds, not a path, a
     * variable, a version or a word.
     *
     * @param name what its name says
     * @param bare nothing but a blank or a verb stands before it, so that more is asked of it
     */
    static boolean isSecret(String value, SecretName name, boolean bare) {
        int length = value.length();
        boolean weak = name == SecretName.WEAK;
        if (length < (bare || weak ? 16 : 10) || length > 512 || Placeholders.isOne(value)) {
            return false;
        }
        Kinds kinds = Kinds.of(value);
        if (kinds.other > 0 || kinds.digits == 0 || kinds.lower + kinds.upper == 0) {
            return kinds.other == 0 && kinds.digits == length && length >= 15 && !bare && !weak;
        }
        if (isReference(value)
                || isDateLike(value)
                || isCompound(value)
                || isNumberedName(value)
                || (weak && isUuid(value))) {
            return false;
        }
        double bits = Entropy.bits(value, 0, length);
        // Words with a number at the end have few digits in one place; random text has them all
        // over.
        boolean scattered = kinds.changes >= (length < 16 ? 2 : Math.max(3, length / 8));
        return bits >= (bare || weak ? 3.3 : 2.9) && scattered;
    }

    /** Whether a value looks like a password that someone uses. */
    static boolean isPassword(String value, boolean quoted, boolean prose) {
        int length = value.length();
        if (length < (quoted ? 4 : 6) || length > 128 || Placeholders.isOne(value)) {
            return false;
        }
        if (value.indexOf(' ') >= 0 || isReference(value)) {
            return false;
        }
        Kinds kinds = Kinds.of(value);
        boolean letters = kinds.lower + kinds.upper > 0;
        boolean strange = kinds.digits > 0 || kinds.symbols + kinds.other > 0;
        if (quoted && !prose) {
            return letters
                    ? strange || (kinds.upper > 0 && Entropy.bits(value, 0, length) > 2.7)
                    : kinds.digits >= 4;
        }
        return letters && (kinds.digits > 0 || (kinds.inner > 0 && length >= 8));
    }

    /** A variable, a call, a path, an address: code that fetches a secret and is none. */
    private static boolean isReference(String value) {
        if (value.indexOf('(') >= 0
                || value.indexOf('[') >= 0
                || value.indexOf('{') >= 0
                || value.contains("://")
                || value.contains("::")) {
            return true;
        }
        if (value.startsWith("/")
                || value.startsWith("./")
                || value.startsWith("~/")
                || value.startsWith("--")) {
            return true;
        }
        return isDottedName(value) || isConstantName(value);
    }

    /** {@code config.password}, {@code req.body.password2}. */
    private static boolean isDottedName(String value) {
        String[] parts = value.split("\\.", -1);
        for (String part : parts) {
            boolean letters = part.chars().allMatch(c -> Character.isLetter(c) || c == '_');
            boolean identifier = parts.length > 2 && part.matches("[A-Za-z_]{2,20}[0-9]{0,2}");
            if (part.isEmpty() || part.length() > 24 || !(letters || identifier)) {
                return false;
            }
        }
        return parts.length > 1;
    }

    /** Words with a number at the end, as names of variables and versions are. */
    private static boolean isNumberedName(String value) {
        int end = value.length();
        while (end > 0 && CharSet.DIGIT.has(value.charAt(end - 1))) {
            end--;
        }
        return value.length() < 20
                && value.length() - end <= 4
                && value.chars().limit(end).allMatch(c -> Character.isLetter(c) || c == '_');
    }

    private static boolean isConstantName(String value) {
        return value.indexOf('_') > 0
                && value.chars().allMatch(c -> Character.isUpperCase(c) || c == '_');
    }

    /** Words and numbers joined by separators, as in {@code jackson-core-2.17} or a host name. */
    private static boolean isCompound(String value) {
        String[] parts = value.split("[-_./:=]", -1);
        int plain = 0;
        for (String part : parts) {
            boolean letters = part.chars().allMatch(Character::isLetter);
            boolean number = part.length() <= 8 && part.chars().allMatch(Character::isDigit);
            boolean name =
                    part.length() <= 8
                            && part.chars().limit(2).allMatch(Character::isLetter)
                            && part.chars().filter(Character::isDigit).count() <= 5;
            plain += letters || number || name ? 1 : 0;
        }
        return parts.length > 1 && plain == parts.length;
    }

    private static boolean isUuid(String value) {
        return value.length() == 36
                && value.charAt(8) == '-'
                && value.charAt(13) == '-'
                && value.charAt(23) == '-';
    }

    private static boolean isDateLike(String value) {
        return value.chars().allMatch(c -> Character.isDigit(c) || "-:.TZ/+".indexOf(c) >= 0);
    }

    /** How many characters of each kind, and how often the kind changes. */
    private record Kinds(
            int lower, int upper, int digits, int symbols, int other, int changes, int inner) {
        static Kinds of(String value) {
            int[] counts = new int[5];
            int changes = 0;
            int inner = 0;
            int last = -1;
            for (int i = 0; i < value.length(); i++) {
                int kind = kind(value.charAt(i));
                counts[kind]++;
                if (kind != last && last >= 0) {
                    changes++;
                }
                if (kind == 3
                        && i > 0
                        && i < value.length() - 1
                        && "@#$%^&*+=!".indexOf(value.charAt(i)) >= 0) {
                    inner++;
                }
                last = kind;
            }
            return new Kinds(counts[0], counts[1], counts[2], counts[3], counts[4], changes, inner);
        }

        private static int kind(char c) {
            if (c >= 'a' && c <= 'z') {
                return 0;
            }
            if (c >= 'A' && c <= 'Z') {
                return 1;
            }
            if (CharSet.DIGIT.has(c)) {
                return 2;
            }
            return TOKEN.has(c) ? 3 : 4;
        }
    }
}
