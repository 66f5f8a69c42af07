// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;
import java.util.List;

/** Tokens that a vendor marks with a prefix of its own. One instance a shape. */
final class VendorTokenDetector implements Detector {
    private final String type;
    private final TokenShape shape;

    VendorTokenDetector(String type, TokenShape shape) {
        this.type = type;
        this.shape = shape;
    }

    String type() {
        return type;
    }

    TokenShape shape() {
        return shape;
    }

    @Override
    public String name() {
        return "vendor-token";
    }

    @Override
    public Trigger trigger() {
        return new Trigger.Keywords(List.of(shape.keyword()));
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        int from = shape.startFor(text, start);
        if (from < 0 || CharSet.ALNUM.has(text.at(from - 1))) {
            return;
        }
        int to = shape.match(text, from);
        if (to < 0 || CharSet.WORD.has(text.at(to))) {
            return;
        }
        while (to > from && (text.at(to - 1) == '.' || text.at(to - 1) == '-')) {
            to--; // a sentence's end, not the token's
        }
        if (Placeholders.inToken(text.slice(from, to), end - from)) {
            return;
        }
        boolean checked = GitHubChecksum.holds(text.slice(from, to));
        hits.add(type, from, to, checked ? 0.99 : 0.97, checked ? Tier.VALIDATED : Tier.STRUCTURED);
    }
}
