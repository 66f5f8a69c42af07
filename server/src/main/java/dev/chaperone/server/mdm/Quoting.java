// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.nio.charset.StandardCharsets;

/** Makes a text stand for itself in a language; what no quoting can carry is left out. */
final class Quoting {
    private Quoting() {}

    /** Text or attribute of XML 1.0 (§2.2, §2.4, §3.3.3). */
    static String xml(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '&' -> out.append("&amp;");
                        case '<' -> out.append("&lt;");
                        case '>' -> out.append("&gt;");
                        case '"' -> out.append("&quot;");
                        case '\'' -> out.append("&apos;");
                        case '\t', '\n', '\r' -> out.append("&#").append(c).append(';');
                        default -> {
                            if (isXml(c)) {
                                out.appendCodePoint(c);
                            }
                        }
                    }
                });
        return out.toString();
    }

    private static boolean isXml(int c) {
        return c >= 0x20 && c <= 0xD7FF || c >= 0xE000 && c <= 0xFFFD || c >= 0x10000;
    }

    /** A word of the POSIX shell (XCU §2.2.2): nothing is special between single quotes. */
    static String sh(String text) {
        return "'" + text.replace("\0", "").replace("'", "'\\''") + "'";
    }

    /**
     * A verbatim string of PowerShell. It takes typographic quotes (U+2018 to U+201B) for the plain
     * one, and each doubled for itself (about_Quoting_Rules).
     */
    static String powerShell(String text) {
        return "'" + text.replace("\0", "").replaceAll("['\u2018\u2019\u201A\u201B]", "$0$0") + "'";
    }

    /** A string in a file of the registry editor: backslash and quote are escaped. */
    static String registry(String text) {
        return '"'
                + text.replaceAll("[\\x00-\\x1f]", "").replace("\\", "\\\\").replace("\"", "\\\"")
                + '"';
    }

    /** One line of Markdown, no markup in it: ASCII punctuation is escaped (CommonMark §2.4). */
    static String markdown(String text) {
        return text.replaceAll("[\\x00-\\x1f\\x7f]+", " ").replaceAll("[\\p{Punct}]", "\\\\$0");
    }

    /** What the registry editor itself writes: UTF-16LE with its mark, lines ended by CR LF. */
    static byte[] registryFile(String text) {
        return ("\uFEFF" + text.replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_16LE);
    }
}
