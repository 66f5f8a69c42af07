// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Request line and header block, the same for every HTTP version.
 *
 * @param method as received
 * @param scheme {@code http}, {@code https}, {@code ws} or {@code wss}
 * @param host lower case, without port
 * @param port 1 … 65535
 * @param target as received: origin form, seldom absolute form
 * @param headers in order, without HTTP/2 pseudo headers
 * @param httpVersion {@code http/1.1} or {@code h2}
 */
public record RequestHead(
        String method,
        String scheme,
        String host,
        int port,
        String target,
        List<HeaderField> headers,
        String httpVersion) {

    /** The path without query; at least {@code /}. */
    public String path() {
        String origin = originForm();
        int q = origin.indexOf('?');
        return q < 0 ? origin : origin.substring(0, q);
    }

    /** The raw query without {@code ?}, or the empty string. */
    public String query() {
        int q = target.indexOf('?');
        return q < 0 ? "" : target.substring(q + 1);
    }

    /**
     * The target without scheme and authority: servers accept the absolute form too (RFC 9112
     * §3.2.2), so that it must be recognised like any other.
     */
    private String originForm() {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        if (scheme < 0) {
            return target;
        }
        for (int i = scheme + 3; i < target.length(); i++) {
            if (target.charAt(i) == '/') {
                return target.substring(i);
            }
            if (target.charAt(i) == '?') {
                return "/" + target.substring(i);
            }
        }
        return "/";
    }

    /** The authority of a target in absolute form, or the empty string. */
    public static String authorityOf(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        if (scheme < 0) {
            return "";
        }
        int end = scheme + 3;
        while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        return target.substring(scheme + 3, end);
    }

    /** The codings of the body in the order they were applied; empty for none (RFC 9110 §8.4). */
    public String contentEncoding() {
        return HeaderField.combined(headers, "content-encoding");
    }

    /** First value of a header, compared without case. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(find(name));
    }

    private @Nullable String find(String name) {
        for (HeaderField field : headers) {
            if (field.name().equalsIgnoreCase(name)) {
                return field.value();
            }
        }
        return null;
    }

    /** The same head for a body of another length; a head without content-length stays as it is. */
    public RequestHead withContentLength(int length) {
        List<HeaderField> fields = new ArrayList<>(headers);
        fields.replaceAll(f ->
                f.name().equalsIgnoreCase("content-length")
                        ? new HeaderField(f.name(), Integer.toString(length))
                        : f);
        return withHeaders(fields);
    }

    /** The same head without a header. */
    public RequestHead without(String name) {
        List<HeaderField> fields = new ArrayList<>(headers);
        fields.removeIf(f -> f.name().equalsIgnoreCase(name));
        return withHeaders(fields);
    }

    private RequestHead withHeaders(List<HeaderField> fields) {
        return new RequestHead(method, scheme, host, port, target, fields, httpVersion);
    }

    /** True for a WebSocket opening handshake (RFC 6455 §4.1). */
    public boolean isWebSocketUpgrade() {
        return header("upgrade").map(v -> v.equalsIgnoreCase("websocket")).orElse(false);
    }

    /** Hides target and headers. */
    @Override
    public String toString() {
        return "RequestHead[" + method + " " + host + "]";
    }
}
