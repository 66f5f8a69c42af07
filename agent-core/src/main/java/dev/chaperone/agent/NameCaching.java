// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import java.security.Security;

/**
 * How long the JVM keeps what the system's resolver said. A laptop changes its network while the
 * agent runs: with a VPN the same name has another address, and behind a captive portal it has none
 * for a while. The system's resolver knows of that and keeps names by their time to live; the JVM's
 * defaults (30 s, 10 s for a failure) would keep services away that are there again.
 */
final class NameCaching {
    /** Seconds: enough for the connections of one page. */
    private static final String FOUND = "5";

    private static final String NOT_FOUND = "0";

    private NameCaching() {}

    /** For the whole JVM; without effect once a name was looked up. */
    static void brief() {
        Security.setProperty("networkaddress.cache.ttl", FOUND);
        Security.setProperty("networkaddress.cache.negative.ttl", NOT_FOUND);
    }
}
