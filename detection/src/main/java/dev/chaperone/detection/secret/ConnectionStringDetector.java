// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;
import java.util.Locale;
import java.util.Set;

/**
 * URIs that carry a password in their user information (RFC 3986 §3.2.1): databases, brokers, web
 * addresses with basic authentication. The whole string is the finding.
 */
final class ConnectionStringDetector implements Detector {
    private static final CharSet SCHEME = CharSet.of("a-zA-Z0-9+.-");
    private static final CharSet USER_INFO = CharSet.of("a-zA-Z0-9._~!$&'()*+,;=:%^#{}|@?-");
    private static final CharSet REST = CharSet.of("a-zA-Z0-9._~!$&'*+,;=:%@/?[]-");
    private static final Set<String> WEB =
            Set.of("http", "https", "ftp", "ftps", "sftp", "ssh", "git", "git+https");

    @Override
    public String name() {
        return "connection-string";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of("://");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        int from = text.runStart(start, SCHEME, 24);
        while (from < start && !Character.isLetter(text.at(from))) {
            from++;
        }
        int stop = text.runEnd(end, USER_INFO, end + 400);
        String authority = text.slice(end, stop);
        int at = end + authority.lastIndexOf('@');
        int colon = authority.indexOf(':') < 0 ? -1 : end + authority.indexOf(':');
        if (from == start || at <= end || colon < 0 || colon >= at - 1) {
            return;
        }
        if (!hostFollows(text, at + 1)
                || isPlaceholder(text.slice(end, colon), text.slice(colon + 1, at))) {
            return;
        }
        int to = text.runEnd(at, REST, at + 1024);
        while (to > at && ".,;:!?'&".indexOf(text.at(to - 1)) >= 0) {
            to--;
        }
        String scheme = text.slice(from, start).toLowerCase(Locale.ROOT);
        hits.add(
                WEB.contains(scheme) ? "SECRET.basicauth" : "CONNECTION_STRING",
                from,
                to,
                0.96,
                Tier.STRUCTURED);
    }

    private static boolean hostFollows(ScanText text, int at) {
        char c = text.at(at);
        return CharSet.ALNUM.has(c) || c == '[' || c == '_' || c == '/';
    }

    private static boolean isPlaceholder(String user, String password) {
        String low = password.toLowerCase(Locale.ROOT);
        boolean template =
                low.startsWith("$")
                        || low.startsWith("{")
                        || low.startsWith("%s")
                        || low.startsWith("[");
        if (template || low.startsWith("<") || low.contains("${") || low.contains("://")) {
            return true;
        }
        boolean word =
                low.equals("password")
                        || low.equals("pass")
                        || low.equals("pwd")
                        || low.equals("passwd");
        boolean generic =
                Set.of("user", "username", "usr", "root", "name")
                        .contains(user.toLowerCase(Locale.ROOT));
        return (word && generic)
                || low.contains("your")
                || low.contains("***")
                || low.contains("xxxx");
    }
}
