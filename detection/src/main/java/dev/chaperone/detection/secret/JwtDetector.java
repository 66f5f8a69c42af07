// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * JSON Web Tokens in compact form (RFC 7515 §7.1, RFC 7516 §7.1): the first part decodes to a JSON
 * object that names an algorithm. The signature may be missing, as in tokens cut off or unsigned.
 */
final class JwtDetector implements Detector {
    private static final int LONGEST_PART = 16 * 1024;

    @Override
    public String name() {
        return "jwt";
    }

    @Override
    public Trigger trigger() {
        // The base64 of {" and of { followed by a space, a line feed or a carriage return.
        return Trigger.Keywords.of("eyJ", "eyA", "ewo", "ewog", "ew0K");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        char before = text.at(start - 1);
        if (CharSet.BASE64URL.has(before) || before == '.' || text.at(start) != 'e') {
            return;
        }
        int header = text.runEnd(start, CharSet.BASE64URL, start + LONGEST_PART);
        if (text.at(header) != '.' || header - start < 16) {
            return;
        }
        int payload = part(text, header + 1);
        if (payload - header < 9 || !namesAlgorithm(text.slice(start, header))) {
            return;
        }
        int stop = payload;
        for (int dots = 0; dots < 3 && text.at(stop) == '.'; dots++) {
            int next = part(text, stop + 1);
            if (next == stop + 1) {
                break;
            }
            stop = next;
        }
        hits.add("JWT", start, stop, 0.98, Tier.VALIDATED);
    }

    private static int part(ScanText text, int start) {
        return text.runEnd(start, CharSet.BASE64URL, start + LONGEST_PART);
    }

    private static boolean namesAlgorithm(String header) {
        if (header.length() > 4096 || header.length() % 4 == 1) {
            return false;
        }
        try {
            byte[] json = Base64.getUrlDecoder().decode(header);
            String text = new String(json, StandardCharsets.UTF_8).strip();
            return text.startsWith("{") && text.endsWith("}") && text.contains("\"alg\"");
        } catch (IllegalArgumentException _) {
            return false; // not base64url: not a token
        }
    }
}
