// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A proxy setting of somebody else: a PAC file, or fixed proxies.
 *
 * @param file where it stands
 * @param pac address of a PAC file, or empty
 * @param http {@code HOST:PORT} of a fixed proxy for {@code http:}, or empty for none
 * @param https the same for {@code https:}
 * @param bypass what goes past the fixed proxies
 */
record ForeignProxy(String file, String pac, String http, String https, Bypass bypass) {
    private static final Pattern ENDPOINT = Pattern.compile("(?:http://)?([\\w.\\-]+:\\d{1,5})/?");

    static ForeignProxy pac(String file, String address) {
        return new ForeignProxy(file, address, "", "", Bypass.none());
    }

    /**
     * Fixed proxies; one that is no {@code HOST:PORT} is none, and without one for {@code https:}
     * the other serves both.
     */
    static ForeignProxy fixed(String file, String http, String https, Bypass bypass) {
        String plain = endpoint(http);
        String tls = endpoint(https);
        return new ForeignProxy(file, "", plain, tls.isEmpty() ? plain : tls, bypass);
    }

    private static String endpoint(String text) {
        Matcher endpoint = ENDPOINT.matcher(text);
        return endpoint.matches() ? endpoint.group(1) : "";
    }

    /** Whether it names none. */
    boolean isNone() {
        return pac.isEmpty() && http.isEmpty() && https.isEmpty();
    }

    /**
     * A PAC file that says what the fixed proxies do, and goes on without one that is dead. Its
     * first function names them: {@code doctor} reads the text.
     */
    String asPac() {
        String ways =
                http.equals(https)
                        ? way(http)
                        : "url.substring(0, 6) == \"https:\" ? " + way(https) + " : " + way(http);
        return """
        function FindProxyForURL(url, host) {
          if (bypassed(url, host)) return "DIRECT";
          return %s;
        }
        """
                        .formatted(ways)
                + bypass.script();
    }

    private static String way(String endpoint) {
        return endpoint.isEmpty() ? "\"DIRECT\"" : "\"PROXY " + endpoint + "; DIRECT\"";
    }
}
