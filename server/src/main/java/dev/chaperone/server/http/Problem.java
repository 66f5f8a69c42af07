// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.http;

/**
 * Why a request is refused, as RFC 9457 writes it. Thrown by handlers, sent by {@link
 * Replies#install}.
 */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    /**
     * @param status HTTP status
     * @param code stable code of docs/errors.md
     * @param detail one line for a person; quotes nothing that the client sent
     */
    public Problem(int status, String code, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    /** What a 401 asks for (RFC 9110 §11.6.1, which wants a scheme; TLS has none of its own). */
    String challenge() {
        return code.startsWith("CHP-SRV-03") ? "Bearer" : "ClientCertificate";
    }

    public static Problem badRequest(String detail) {
        return new Problem(400, "CHP-SRV-001", detail);
    }

    public static Problem tooLarge(String detail) {
        return new Problem(413, "CHP-SRV-002", detail);
    }

    public static Problem overloaded() {
        return new Problem(429, "CHP-SRV-003", "too many requests wait; come back later");
    }

    public static Problem notFound(String detail) {
        return new Problem(404, "CHP-SRV-404", detail);
    }
}
