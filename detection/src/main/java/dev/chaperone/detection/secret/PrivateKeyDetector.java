// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;

/**
 * Private keys in textual encoding (RFC 7468, OpenSSH, PGP RFC 9580 §6, SSH2 RFC 4716): the whole
 * block, with line feeds written as {@code \n} too, and a block whose end is cut off.
 */
final class PrivateKeyDetector implements Detector {
    private static final CharSet BODY = CharSet.of("A-Za-z0-9+/= \t\r\n\\,:.\"'>()-");
    private static final int LONGEST = 64 * 1024;
    private static final int SHORTEST_BODY = 24;

    @Override
    public String name() {
        return "private-key";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of("-begin ", "- begin ssh2");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        int label = text.runEnd(end, CharSet.of("A-Z0-9 "), end + 48);
        int dashes = text.runEnd(label, CharSet.of("-"), label + 8);
        if (dashes - label < 4 || !text.slice(end, label).contains("PRIVATE KEY")) {
            return;
        }
        int from = text.runStart(start + 1, CharSet.of("-"), 8);
        int body = bodyEnd(text, dashes);
        String block = text.slice(dashes, body);
        int closing = block.indexOf("-END ");
        if (closing >= 0) {
            int stop =
                    text.value()
                            .indexOf(
                                    "KEY",
                                    dashes + closing,
                                    Math.min(text.length(), dashes + closing + 48));
            int to = stop < 0 ? dashes + closing : tail(text, stop);
            if (material(text, dashes, dashes + closing) >= SHORTEST_BODY) {
                hits.add("PRIVATE_KEY", from, to, 0.99, Tier.STRUCTURED);
            }
        } else {
            int to = truncatedEnd(text, dashes, body);
            if (material(text, dashes, to) >= SHORTEST_BODY) {
                hits.add("PRIVATE_KEY", from, to, 0.95, Tier.STRUCTURED);
            }
        }
    }

    /** The end of what may belong to the block: at most up to where another block begins. */
    private static int bodyEnd(ScanText text, int start) {
        int limit = Math.min(text.length(), start + LONGEST);
        int i = start;
        while (i < limit
                && BODY.has(text.at(i))
                && !(text.at(i) == '-' && text.value().startsWith("-BEGIN ", i))) {
            boolean closing = text.at(i) == '-' && text.value().startsWith("-END ", i);
            if (closing) {
                return Math.min(limit, i + 5);
            }
            i++;
        }
        return i;
    }

    private static int tail(ScanText text, int key) {
        int words = text.runEnd(key, CharSet.of("A-Z "), key + 12);
        return text.runEnd(words, CharSet.of("-"), words + 5);
    }

    /** How many characters of key a range holds. */
    private static int material(ScanText text, int start, int end) {
        int longest = 0;
        int run = 0;
        int total = 0;
        for (int i = start; i < end; i++) {
            if (CharSet.BASE64.has(text.at(i))) {
                run++;
                total++;
            } else {
                run = 0;
            }
            longest = Math.max(longest, run);
        }
        return longest < 16 ? 0 : total;
    }

    /** The end of the last line that holds key material. */
    private static int truncatedEnd(ScanText text, int start, int limit) {
        int last = start;
        int i = start;
        while (i < limit) {
            int stop = text.runEnd(i, CharSet.BASE64.or(CharSet.of("=")), limit);
            if (stop - i >= 16) {
                last = stop;
            } else if (i - last > 200) {
                break;
            }
            i = Math.max(stop, i + 1);
        }
        return last;
    }
}
