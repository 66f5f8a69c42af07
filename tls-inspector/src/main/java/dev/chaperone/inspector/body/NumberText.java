// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;

/** A long number of a JSON document that may be a card number; becomes a string when changed. */
public final class NumberText extends Text {
    private final String digits;
    private final int start;
    private final Source source;

    NumberText(String digits, int start, Source source) {
        this.digits = digits;
        this.start = start;
        this.source = source;
    }

    @Override
    String decode() {
        return digits;
    }

    @Override
    public void edit(int from, int to, String with, Edits edits) {
        String changed = digits.substring(0, from) + with + digits.substring(to);
        source.edit(
                start,
                start + digits.length(),
                ('"' + JsonString.escape(changed) + '"').getBytes(StandardCharsets.UTF_8),
                edits);
    }
}
