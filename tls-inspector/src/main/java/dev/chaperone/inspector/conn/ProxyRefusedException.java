// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.io.IOException;

/**
 * The company's proxy did not open a connection. The message names its status and nothing else that
 * it sent.
 */
public final class ProxyRefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int AUTHENTICATION_REQUIRED = 407;

    private final String code;

    private ProxyRefusedException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Not there, gone early, too slow, or what it says is no HTTP. */
    static ProxyRefusedException dead(String how) {
        return new ProxyRefusedException("CHP-UP-006", "the company's proxy " + how);
    }

    /** It answered, and not with 2xx (RFC 9110 §15). */
    static ProxyRefusedException answered(int status) {
        return new ProxyRefusedException(
                "CHP-UP-007",
                "the company's proxy did not open the connection: status "
                        + status
                        + (status == AUTHENTICATION_REQUIRED
                                ? ", it asks for a sign-in, which Chaperone does not support"
                                : ""));
    }

    /** Of docs/errors.md. */
    public String code() {
        return code;
    }
}
