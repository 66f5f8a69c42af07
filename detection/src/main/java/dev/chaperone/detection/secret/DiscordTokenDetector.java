// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;

/**
 * Discord bot tokens: the bot's numeric id in base64, six characters of time, a signature, joined
 * by dots ("Authentication", Discord developer documentation). Base64 of digits begins with M, N or
 * O.
 */
final class DiscordTokenDetector implements Detector {
    @Override
    public String name() {
        return "discord-token";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of(".");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        int time = text.runEnd(end, CharSet.BASE64URL, end + 7);
        if (time - end != 6 || text.at(time) != '.') {
            return;
        }
        int from = text.runStart(start, CharSet.BASE64URL, 29);
        int to = text.runEnd(time + 1, CharSet.BASE64URL, time + 40);
        boolean lengths =
                start - from >= 24 && start - from <= 28 && to - time >= 28 && to - time <= 39;
        if (lengths && "MNO".indexOf(text.at(from)) >= 0 && mixed(text.slice(from, start))) {
            hits.add("SECRET.discord-api-token", from, to, 0.95, Tier.STRUCTURED);
        }
    }

    private static boolean mixed(String id) {
        return id.chars().anyMatch(Character::isDigit)
                && id.chars().anyMatch(Character::isUpperCase)
                && id.chars().anyMatch(Character::isLowerCase);
    }
}
