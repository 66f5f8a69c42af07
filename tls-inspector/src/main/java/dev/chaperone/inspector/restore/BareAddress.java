// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

import java.util.List;

/**
 * A web address in plain text, which many pages turn into a link: from {@code http://}, {@code
 * www.} or {@code //} to the next space or {@code <} (GitHub Flavored Markdown §6.9). The address
 * of something else than a web page ({@code postgres://}) is none. One thread.
 */
final class BareAddress {
    private static final List<String> WEB = List.of("http://", "https://", "ftp://", "ftps://");

    /** More than the longest scheme of the web and what stands around it. */
    private static final int SEEN = 16;

    private final StringBuilder run = new StringBuilder(2 * SEEN);
    private boolean inside;

    boolean keepsPlaceholders() {
        return inside;
    }

    void next(char c) {
        if (c == ' ' || c >= '\t' && c <= '\r' || c == '<') {
            inside = false;
            run.setLength(0);
        } else if (!inside) {
            if (run.length() >= 2 * SEEN) {
                run.delete(0, SEEN);
            }
            run.append(c);
            inside = begins(c);
        }
    }

    private boolean begins(char c) {
        int length = run.length();
        if (c == '.') {
            return endsWith("www.");
        }
        if (c != '/' || length < 2) {
            return false;
        }
        if (endsWith("://")) {
            return isWeb(length - 3);
        }
        return endsWith("//") || endsWith(":\\/");
    }

    /** Whether the scheme that ends here is, or may be, one of the web. */
    private boolean isWeb(int end) {
        int start = end;
        while (start > 0 && isLetter(run.charAt(start - 1))) {
            start--;
        }
        // The rest of an entity: &#104;ttps
        boolean partly = start > 0 && run.charAt(start - 1) == ';';
        return start == end || partly || WEB.stream().anyMatch(this::endsWith);
    }

    private boolean endsWith(String end) {
        int from = run.length() - end.length();
        return from >= 0 && run.substring(from).equalsIgnoreCase(end);
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}
