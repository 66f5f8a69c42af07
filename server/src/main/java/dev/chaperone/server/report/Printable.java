// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

/** Names that devices sent, made inert for people's eyes. */
public final class Printable {
    private Printable() {}

    /**
     * The text with each control or format character (cursor movements, right-to-left overrides,
     * zero-width joiners) as a question mark. It is no markup's escaping.
     */
    public static String of(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
    }
}
