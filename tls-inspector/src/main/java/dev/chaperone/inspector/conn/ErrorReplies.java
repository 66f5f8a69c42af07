// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.catalogue.Refusals;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What the proxy itself has to say: an upstream that failed, a request it cannot understand. A
 * browser gets a page, everything else JSON that SDKs show. No script, no value from the request.
 */
final class ErrorReplies {
    private ErrorReplies() {}

    /** The words for each code; docs/errors.md lists the same. */
    static String explain(String code) {
        return switch (code) {
            case "CHP-UP-001" -> "the service cannot be reached";
            case "CHP-UP-002" ->
                    "the service's certificate is not trusted, has expired or names another host; Chaperone does"
                            + " not let this pass";
            case "CHP-UP-003" -> "the service ended the connection before it answered";
            case "CHP-UP-004" -> "the TLS handshake with the service failed";
            case "CHP-UP-005" -> "the service's answer is not valid HTTP";
            case "CHP-UP-006" -> "the company's proxy cannot be used";
            case "CHP-UP-007" -> "the company's proxy did not open the connection";
            case "CHP-IN-001" -> "the request is not valid HTTP";
            case "CHP-IN-002" ->
                    "the request names another host than the connection was opened for";
            default -> "the request could not be passed on";
        };
    }

    /**
     * RFC 9110 §15.6.3, told as 502 with {@code x-should-retry: false}, so that SDKs do not try
     * again.
     */
    static Refusals.HttpReply upstreamFailed(RequestHead head, ConnectFailure why) {
        return reply(502, head, why);
    }

    /** RFC 9110 §15.5.20: another authority than the certificate's. */
    static Refusals.HttpReply misdirected(RequestHead head) {
        return reply(421, head, ConnectFailure.of("CHP-IN-002"));
    }

    static Refusals.HttpReply malformed() {
        byte[] body = json(ConnectFailure.of("CHP-IN-001"));
        return new Refusals.HttpReply(400, headers("application/json", List.of()), body);
    }

    private static Refusals.HttpReply reply(int status, RequestHead head, ConnectFailure why) {
        boolean page = head.header("accept").orElse("").contains("text/html");
        List<HeaderField> extra = new ArrayList<>();
        head.header("origin")
                .ifPresent(origin -> {
                    extra.add(new HeaderField("access-control-allow-origin", origin));
                    extra.add(new HeaderField("access-control-allow-credentials", "true"));
                });
        return page
                ? new Refusals.HttpReply(
                        status, headers("text/html; charset=utf-8", extra), html(why))
                : new Refusals.HttpReply(status, headers("application/json", extra), json(why));
    }

    private static List<HeaderField> headers(String type, List<HeaderField> extra) {
        List<HeaderField> fields = new ArrayList<>();
        fields.add(new HeaderField("content-type", type));
        fields.add(new HeaderField("cache-control", "no-store"));
        fields.add(new HeaderField("x-should-retry", "false"));
        fields.add(
                new HeaderField(
                        "content-security-policy",
                        "default-src 'none'; style-src 'unsafe-inline'"));
        fields.addAll(extra);
        return fields;
    }

    private static byte[] json(ConnectFailure why) {
        String text = "Chaperone: " + why.says() + " (" + why.code() + ").";
        return ("{\"error\":{\"message\":\""
                        + text
                        + "\",\"type\":\"chaperone_error\",\"code\":\""
                        + why.code()
                        + "\"},\"message\":\""
                        + text
                        + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] html(ConnectFailure why) {
        return ("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Chaperone</title>"
                        + "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em;"
                        + "color:#222}code{color:#666}</style><h1>This page could not be opened safely</h1><p>Chaperone says: "
                        + why.says()
                        + ".</p><p>Nothing was sent. If this goes on, give your IT department the code <code>"
                        + why.code()
                        + "</code>.</p></html>")
                .getBytes(StandardCharsets.UTF_8);
    }
}
