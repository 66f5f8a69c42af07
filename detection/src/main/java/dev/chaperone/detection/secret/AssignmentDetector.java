// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;
import java.util.Locale;

/**
 * Values given to a name that says they are secret: {@code password = "…"}, {@code API_KEY=…},
 * {@code "token": "…"}, {@code X-Api-Key: …}, {@code <secret>…}. The name is read to its end, then
 * an operator, then the value; what the value must look like is {@link SecretValue}'s business.
 */
final class AssignmentDetector implements Detector {
    private static final int LONGEST_VALUE = 512;
    private static final CharSet NAME = CharSet.of("a-zA-Z0-9_.-");
    private static final CharSet BARE = CharSet.of("a-zA-Z0-9_.~!@#$%^&*+/=:|?-");

    @Override
    public String name() {
        return "assignment";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of(
                "password",
                "passwd",
                "pwd",
                "passphrase",
                "passwort",
                "contrase",
                "mot de passe",
                "kennwort",
                "secret",
                "token",
                "api_key",
                "apikey",
                "api-key",
                "api key",
                "access_key",
                "accesskey",
                "access-key",
                "auth",
                "credential",
                "client_id",
                "clientid",
                "private_key",
                "privatekey",
                "encryption_key",
                "signing_key",
                "account_key",
                "accountkey",
                "license_key",
                "licensekey",
                "_key",
                "-key",
                "key\"",
                "_pass",
                "pw:",
                "pw=",
                "pass=",
                "pass:",
                "key:",
                "key=",
                "key =");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        String keyword = text.slice(start, end).toLowerCase(Locale.ROOT);
        int nameStart = text.runStart(start, NAME, 40);
        int bare = keyword.length() - 1;
        boolean closing = "\"=: ".indexOf(keyword.charAt(bare)) >= 0;
        int nameEnd = closing ? trimmedEnd(text, start, end) : text.runEnd(end, NAME, end + 40);
        Cursor cursor = new Cursor(text, nameEnd);
        Operator operator = cursor.operator();
        if (operator == Operator.NONE) {
            return;
        }
        int valueStart = cursor.at;
        boolean quoted = cursor.quote != '\0';
        int valueEnd =
                quoted ? quotedEnd(text, valueStart, cursor.quote) : bareEnd(text, valueStart);
        if (valueEnd - valueStart < 4
                || valueEnd - valueStart > LONGEST_VALUE
                || (!quoted && text.at(valueEnd) == '(')) {
            return;
        }
        SecretName name = SecretName.of(text.slice(nameStart, nameEnd), keyword);
        if (name == SecretName.NONE) {
            return;
        }
        String value = text.slice(valueStart, valueEnd);
        if (name == SecretName.PASSWORD) {
            if (SecretValue.isPassword(value, quoted, operator == Operator.PROSE)) {
                hits.add("PASSWORD", valueStart, valueEnd, quoted ? 0.85 : 0.8, Tier.CONTEXTUAL);
            }
        } else if (SecretValue.isSecret(value, name, operator != Operator.SIGN)) {
            hits.add("SECRET.generic-api-key", valueStart, valueEnd, 0.84, Tier.CONTEXTUAL);
        }
    }

    private static int trimmedEnd(ScanText text, int start, int end) {
        int i = end;
        while (i > start && !CharSet.WORD.has(text.at(i - 1))) {
            i--;
        }
        return i;
    }

    private static int quotedEnd(ScanText text, int start, char quote) {
        int limit = Math.min(text.length(), start + LONGEST_VALUE + 1);
        for (int i = start; i < limit; i++) {
            char c = text.at(i);
            if (c == quote || c == '\n') {
                return c == quote ? i : start;
            }
            if (c == '\\' && text.at(i + 1) == quote) {
                return i;
            }
        }
        return start;
    }

    private static int bareEnd(ScanText text, int start) {
        int end = text.runEnd(start, BARE, start + LONGEST_VALUE + 1);
        while (end > start && ".,;:!?".indexOf(text.at(end - 1)) >= 0) {
            end--;
        }
        int query = text.value().indexOf('&', start, Math.max(start, end)); // of a form or a URL
        return query > start ? query : end;
    }

    /** What stands between a name and its value. */
    enum Operator {
        NONE,
        /** {@code = : => := ,} or an XML tag's end. */
        SIGN,
        /** "is", "are", "was". */
        PROSE,
        /** Nothing but a blank, as in "the API token abc…". */
        BLANK
    }

    /**
     * Reads what stands between a name and its value; afterwards {@code at} is the value's start.
     */
    private static final class Cursor {
        private final ScanText text;
        private int at;
        private char quote;

        /** Whether a quote or bracket ends the name, as in {@code set("password", "…")}. */
        private boolean closed;

        private Cursor(ScanText text, int at) {
            this.text = text;
            this.at = at;
        }

        private Operator operator() {
            int name = at;
            while (at < text.length() && "\"'`])}\\*".indexOf(text.at(at)) >= 0) {
                at++;
            }
            closed = at > name;
            int blanks = text.runEnd(at, CharSet.BLANK, at + 20);
            boolean gap = blanks > at;
            at = blanks;
            Operator operator = sign() ? Operator.SIGN : gap ? word() : Operator.NONE;
            if (operator == Operator.NONE) {
                return operator;
            }
            skip(operator);
            return operator;
        }

        private boolean sign() {
            String signs = closed ? "=:>|,?" : "=:>|?";
            int from = at;
            while (at - from < 4 && at < text.length() && signs.indexOf(text.at(at)) >= 0) {
                at++;
            }
            return at > from;
        }

        private Operator word() {
            for (String verb :
                    new String[] {
                        "is: ", "is ", "are ", "was ", "ist ", "es ", "est ", "lautet "
                    }) {
                if (text.value().regionMatches(true, at, verb, 0, verb.length())) {
                    at += verb.length();
                    return Operator.PROSE;
                }
            }
            return Operator.BLANK;
        }

        private void skip(Operator operator) {
            int spaces =
                    text.runEnd(
                            at, operator == Operator.SIGN ? CharSet.SPACE : CharSet.BLANK, at + 20);
            at = spaces;
            while (text.at(at) == '\\'
                    || text.at(at) == '('
                    || text.at(at) == '['
                    || text.at(at) == '@') {
                at++;
            }
            openQuote();
            for (String scheme :
                    new String[] {"bearer ", "basic ", "token ", "apikey ", "bot ", "token="}) {
                if (text.value().regionMatches(true, at, scheme, 0, scheme.length())) {
                    at += scheme.length();
                    break;
                }
            }
            if (quote == '\0') {
                openQuote();
            }
        }

        private void openQuote() {
            char c = text.at(at);
            if (c == '"' || c == '\'' || c == '`') {
                quote = c;
                at++;
            }
        }
    }
}
