// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import io.helidon.webserver.http.ServerResponse;

/** What a browser is held to on the console. */
final class PageHeaders {
    /** CSP Level 3. Nothing inline, nothing from elsewhere, no frame around it. */
    static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";

    private PageHeaders() {}

    /**
     * Adds them. The referrer stays on this origin: with none at all, browsers send no origin with
     * a form either (Fetch §3.1), and the check of it would refuse our own.
     */
    static void add(ServerResponse response) {
        response.header("content-security-policy", POLICY)
                .header("referrer-policy", "same-origin")
                .header("x-content-type-options", "nosniff")
                .header("cross-origin-opener-policy", "same-origin")
                .header("cross-origin-resource-policy", "same-origin");
    }
}
