// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code JAVA_TOOL_OPTIONS} (JVM TI specification): for one command the only way that reaches every
 * Java below it. The last of two equal properties holds, so ours stand at the end.
 */
final class JavaOptions {
    private static final String NAME = "JAVA_TOOL_OPTIONS";
    private static final Pattern STORE = Pattern.compile("-Djavax\\.net\\.ssl\\.trustStore=(\\S+)");
    private static final Pattern PASSWORD =
            Pattern.compile("-Djavax\\.net\\.ssl\\.trustStorePassword=(\\S+)");

    private JavaOptions() {}

    static String merged(Map<String, String> own, String address, ClientBundles bundles)
            throws IOException {
        String theirs = own.getOrDefault(NAME, "").strip();
        Optional<String> store = last(STORE, theirs);
        String password = last(PASSWORD, theirs).orElse("");
        Path trust = bundles.trustStore(store.map(Path::of), password);
        int colon = address.lastIndexOf(':');
        String ours =
                "-Djavax.net.ssl.trustStore="
                        + quoted(trust.toString())
                        + " -Djavax.net.ssl.trustStoreType=JKS -Djavax.net.ssl.trustStorePassword="
                        + " -Dhttps.proxyHost="
                        + address.substring(0, colon)
                        + " -Dhttps.proxyPort="
                        + address.substring(colon + 1)
                        + " -Dhttp.nonProxyHosts=localhost|127.*|[::1]";
        return theirs.isEmpty() ? ours : theirs + " " + ours;
    }

    private static Optional<String> last(Pattern pattern, String text) {
        Matcher m = pattern.matcher(text);
        String found = null;
        while (m.find()) {
            found = m.group(1);
        }
        return Optional.ofNullable(found);
    }

    /** Options are separated by white space; quotes protect it. */
    private static String quoted(String path) {
        return path.chars().anyMatch(Character::isWhitespace) ? '"' + path + '"' : path;
    }
}
