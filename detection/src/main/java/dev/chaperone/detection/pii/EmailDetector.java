// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;
import java.util.Locale;
import java.util.Set;

/**
 * E-mail addresses: RFC 5321 §4.1.2 dot-string local parts (≤ 64) and domains of two labels or more
 * (≤ 255) that end in letters; international letters as RFC 6531 allows.
 */
final class EmailDetector implements Detector {
    private static final CharSet ATEXT = CharSet.of("a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-");

    /** What ends a file name or a package coordinate rather than a domain. */
    private static final Set<String> NO_DOMAIN =
            Set.of(
                    "png", "jpg", "jpeg", "gif", "svg", "webp", "js", "ts", "css", "json", "yaml",
                    "yml", "html", "php", "xml", "txt", "jar", "class", "tgz", "java", "kt");

    @Override
    public String name() {
        return "email";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of("@");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        int from = localStart(text, start);
        int to = domainEnd(text, end);
        if (from < start && to > 0 && text.at(to) != '@' && !inUrlCredentials(text, from)) {
            hits.add("EMAIL", from, to, 0.98, Tier.STRUCTURED);
        }
    }

    private static int localStart(ScanText text, int at) {
        int from = at;
        while (from > 0 && at - from < 64 && local(text.at(from - 1))) {
            from--;
        }
        if (from > 0 && at - from == 64 && local(text.at(from - 1))) {
            return at;
        }
        // Quotes, brackets, key= and the like stand before an address far more often than in it.
        int trimmed = from;
        for (int i = from; i < at; i++) {
            char c = text.at(i);
            if ("'`/=|{}*!#$?^~&".indexOf(c) >= 0) {
                trimmed = i + 1;
            }
        }
        while (trimmed < at && ".-+%".indexOf(text.at(trimmed)) >= 0) {
            trimmed++;
        }
        boolean dots = text.at(at - 1) == '.' || text.slice(trimmed, at).contains("..");
        return dots ? at : trimmed;
    }

    private static boolean local(char c) {
        return ATEXT.has(c) || (c > 127 && Character.isLetterOrDigit(c));
    }

    private static int domainEnd(ScanText text, int at) {
        int i = at;
        int dots = 0;
        int label = at;
        int good = -1;
        while (i < text.length() && i - at < 255) {
            char c = text.at(i);
            if (CharSet.ALNUM.has(c) || (c > 127 && Character.isLetter(c))) {
                i++;
                if (dots > 0 && topLevel(text, label, i)) {
                    good = i;
                }
            } else if (c == '-' && i > label) {
                i++;
            } else if (c == '.' && i > label && text.at(i - 1) != '-') {
                dots++;
                i++;
                label = i;
            } else {
                break;
            }
        }
        // The last label must be whole: "a@b.c1" has none, "a@b.com." ends before the dot.
        if (good < 0 || (good < i && text.at(good) != '.' && text.at(good) != '-')) {
            return -1;
        }
        int dot = text.value().lastIndexOf('.', good - 1);
        return NO_DOMAIN.contains(text.slice(dot + 1, good).toLowerCase(Locale.ROOT)) ? -1 : good;
    }

    private static boolean topLevel(ScanText text, int start, int end) {
        if (end - start < 2 || end - start > 24) {
            return false;
        }
        if (text.value().startsWith("xn--", start)) {
            return true;
        }
        for (int i = start; i < end; i++) {
            if (!Character.isLetter(text.at(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * {@code scheme://user:password@host} is a connection string's business, git@host is not mail.
     */
    private static boolean inUrlCredentials(ScanText text, int from) {
        for (int i = from; i > Math.max(0, from - 80) && !CharSet.SPACE.has(text.at(i - 1)); i--) {
            if (text.at(i - 1) == '/' && text.at(i - 2) == '/' && text.at(i - 3) == ':') {
                return true;
            }
        }
        return text.value().startsWith("git@", from) && !CharSet.WORD.has(text.at(from - 1));
    }
}
