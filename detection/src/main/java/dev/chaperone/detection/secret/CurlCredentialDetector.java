// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;

/** User and password on curl's command line ({@code -u user:password}) and in HTTP headers. */
final class CurlCredentialDetector implements Detector {
    private static final int LONGEST_COMMAND = 400;
    private static final CharSet BARE = CharSet.of("a-zA-Z0-9_.~!@#$%^&*+/=:|?{}-");

    @Override
    public String name() {
        return "curl-credential";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of(
                "curl",
                "authorization: ",
                "authorization:",
                "authorization\": \"",
                "authorization': '");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        if (end - start == 4) {
            int limit = Math.min(text.length(), end + LONGEST_COMMAND);
            for (int i = end; i < limit && !text.value().startsWith("curl", i); i++) {
                if (text.at(i) == '-' && CharSet.SPACE.has(text.at(i - 1))) {
                    option(text, i, hits);
                }
            }
        } else {
            header(text, end, hits);
        }
    }

    private static void option(ScanText text, int at, Hits hits) {
        for (String option : new String[] {"--user ", "--user=", "-u", "--proxy-user "}) {
            if (text.value().startsWith(option, at)) {
                user(text, at + option.length(), hits);
                return;
            }
        }
    }

    private static void user(ScanText text, int end, Hits hits) {
        int at = text.runEnd(end, CharSet.of(" =\t"), end + 4);
        char quote = text.at(at);
        boolean quoted = quote == '"' || quote == '\'';
        int from = quoted ? at + 1 : at;
        int to = from;
        while (to < text.length() && to - from < 200 && within(text.at(to), quoted, quote)) {
            to++;
        }
        if (quoted && text.at(to + 1) == ':' && text.at(to) == quote) {
            to = text.runEnd(to + 2, BARE.or(CharSet.of("\"'")), to + 200); // "user":"password"
        }
        String pair = text.slice(from, to);
        int colon = pair.indexOf(':');
        boolean keyOnly = colon == pair.length() - 1; // the key is the user, the password is empty
        String secret = keyOnly ? pair : pair.substring(colon + 1);
        if (colon >= 0
                && secret.length() >= 4
                && !Placeholders.isOne(secret)
                && !Placeholders.isOne(pair)) {
            hits.add("SECRET.curl-auth-user", from, to, 0.985, Tier.CONTEXTUAL);
        }
    }

    private static boolean within(char c, boolean quoted, char quote) {
        return quoted ? c != quote && c != '\n' : BARE.has(c) || c == '\'';
    }

    private static void header(ScanText text, int end, Hits hits) {
        int at = text.runEnd(end, CharSet.of(" "), end + 4);
        for (String scheme : new String[] {"bearer ", "basic ", "token ", "apikey "}) {
            if (text.value().regionMatches(true, at, scheme, 0, scheme.length())) {
                int from = at + scheme.length();
                int to = text.runEnd(from, CharSet.of("a-zA-Z0-9_.~+/=:-"), from + 2000);
                String value = text.slice(from, to);
                if (value.length() >= 8
                        && !Placeholders.isOne(value)
                        && Entropy.bits(value, 0, value.length()) > 2.5) {
                    hits.add("SECRET.curl-auth-header", from, to, 0.9, Tier.CONTEXTUAL);
                }
                return;
            }
        }
    }
}
