// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

/** Text that others chose, made harmless for a terminal. */
public final class Inert {
    private static final int REPLACEMENT = 0xFFFD;

    private Inert() {}

    /** The text without what could steer a terminal, break its line or turn its reading order. */
    public static String text(String text) {
        return text.codePoints()
                .map(c -> steers(c) ? REPLACEMENT : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean steers(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    true;
            default -> false;
        };
    }
}
