// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.HeaderField;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Header blocks between the codecs and us: names, values and order stay as they are. */
final class HttpFields {
    private HttpFields() {}

    /**
     * Fields of an HTTP/1.1 message. {@code Proxy-*} is addressed to us and goes no further (RFC
     * 9110 §7.6.1).
     */
    static List<HeaderField> of(HttpHeaders headers) {
        List<HeaderField> fields = new ArrayList<>(headers.size());
        Iterator<Map.Entry<CharSequence, CharSequence>> each = headers.iteratorCharSequence();
        while (each.hasNext()) {
            Map.Entry<CharSequence, CharSequence> entry = each.next();
            String name = entry.getKey().toString();
            if (!name.regionMatches(true, 0, "proxy-", 0, 6)) {
                fields.add(new HeaderField(name, entry.getValue().toString()));
            }
        }
        return fields;
    }

    /** Fields of an HTTP/2 message without pseudo headers. */
    static List<HeaderField> of(Http2Headers headers) {
        List<HeaderField> fields = new ArrayList<>(headers.size());
        for (Map.Entry<CharSequence, CharSequence> entry : headers) {
            CharSequence name = entry.getKey();
            if (name.length() > 0 && name.charAt(0) != ':') {
                fields.add(new HeaderField(name.toString(), entry.getValue().toString()));
            }
        }
        return fields;
    }

    /**
     * False when a name is no token or a value holds NUL, CR or LF (RFC 9110 §5.1, §5.5): what one
     * reader takes for a field another may take for two, so that such a message goes nowhere.
     */
    static boolean valid(List<HeaderField> fields) {
        return fields.stream().allMatch(f -> isToken(f.name()) && isValue(f.value()));
    }

    private static boolean isToken(String name) {
        return !name.isEmpty()
                && name.chars()
                        .allMatch(c ->
                                c >= 'a' && c <= 'z'
                                        || c >= 'A' && c <= 'Z'
                                        || c >= '0' && c <= '9'
                                        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    private static boolean isValue(String value) {
        return value.indexOf('\0') < 0 && value.indexOf('\r') < 0 && value.indexOf('\n') < 0;
    }

    static HttpHeaders http1(List<HeaderField> fields) {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        fields.forEach(f -> headers.add(f.name(), f.value()));
        return headers;
    }

    /**
     * Adds fields to an HTTP/2 block; names become lower case, connection-specific ones are left
     * out (RFC 9113 §8.2).
     */
    static Http2Headers http2(Http2Headers block, List<HeaderField> fields) {
        for (HeaderField field : fields) {
            String name = field.name().toLowerCase(Locale.ROOT);
            switch (name) {
                case "connection",
                        "keep-alive",
                        "proxy-connection",
                        "transfer-encoding",
                        "upgrade",
                        "host" -> {}
                default -> block.add(name, field.value());
            }
        }
        return block;
    }

    static Http2Headers http2(List<HeaderField> fields) {
        return http2(new DefaultHttp2Headers(false, fields.size() + 4), fields);
    }
}
