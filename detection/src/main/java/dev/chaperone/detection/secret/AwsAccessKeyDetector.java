// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.detection.text.Words;
import dev.chaperone.model.finding.Tier;
import java.util.Locale;

/**
 * AWS access keys: the id (prefix of "IAM unique identifiers" that names a credential, 16 more
 * characters) and the secret of 40 base64 characters near a word that names it.
 */
final class AwsAccessKeyDetector implements Detector {
    private static final CharSet ID = CharSet.of("A-Z0-9");
    private static final CharSet SECRET = CharSet.of("A-Za-z0-9/+=");
    private static final Words NAMED = Words.of("secret,aws");

    @Override
    public String name() {
        return "aws-access-key";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of(
                "akia",
                "asia",
                "abia",
                "acca",
                "secret",
                "aws_sec",
                "access_key",
                "accesskey",
                "access key");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        if (end - start == 4) {
            id(text, start, hits);
        } else {
            secret(text, start, end, hits);
        }
    }

    private static void id(ScanText text, int start, Hits hits) {
        String prefix = text.slice(start, start + 4);
        int stop = text.runEnd(start, ID, start + 21);
        boolean whole = stop - start == 20 && !CharSet.WORD.has(text.at(stop));
        if (prefix.chars().allMatch(Character::isUpperCase)
                && whole
                && !CharSet.ALNUM.has(text.at(start - 1))
                && !Placeholders.masked(text.slice(start + 4, stop).toLowerCase(Locale.ROOT))) {
            hits.add("SECRET.aws-access-token", start, stop, 0.97, Tier.STRUCTURED);
        }
    }

    private static void secret(ScanText text, int start, int end, Hits hits) {
        if (!text.near(start, end, 80, NAMED)) {
            return;
        }
        int limit = Math.min(text.length(), end + 60);
        for (int i = end; i < limit; ) {
            int stop = text.runEnd(i, SECRET, i + 44);
            int from = i;
            while (from < stop && text.at(from) == '=') {
                from++;
            }
            if (stop - from == 40
                    && !SECRET.has(text.at(from - 1) == '=' ? ' ' : text.at(from - 1))
                    && mixed(text.slice(from, stop))) {
                hits.add("SECRET.aws-secret-key", from, stop, 0.93, Tier.CONTEXTUAL);
                return;
            }
            i = stop + 1;
        }
    }

    private static boolean mixed(String value) {
        return value.chars().anyMatch(Character::isUpperCase)
                && value.chars().anyMatch(Character::isLowerCase)
                && value.chars().anyMatch(Character::isDigit)
                && Entropy.bits(value, 0, value.length()) > 4;
    }
}
