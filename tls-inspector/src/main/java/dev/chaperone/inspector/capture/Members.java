// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Members of recorded traffic, read leniently. */
final class Members {
    private Members() {}

    static String text(JsonObject object, String name) {
        return switch (object.get(name)) {
            case Text text -> text.value();
            case JsonScalar scalar when !scalar.isNull() -> scalar.raw();
            case null, default -> "";
        };
    }

    static boolean has(JsonObject object, String name) {
        return object.get(name) instanceof Text;
    }

    static int number(JsonObject object, String name) {
        try {
            return (int) Double.parseDouble(text(object, name));
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    static @Nullable JsonObject object(JsonObject object, String name) {
        return object.get(name) instanceof JsonObject inner ? inner : null;
    }

    static List<JsonObject> objects(JsonObject object, String name) {
        List<JsonObject> objects = new ArrayList<>();
        if (object.get(name) instanceof JsonArray array) {
            for (JsonValue value : array.elements()) {
                if (value instanceof JsonObject element) {
                    objects.add(element);
                }
            }
        }
        return objects;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] base64(String text) throws CaptureFormatException {
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            throw new CaptureFormatException("a body is not valid base64");
        }
    }

    /** The request's head from a recorded URL. */
    static RequestHead head(
            String method, String url, List<HeaderField> headers, String httpVersion)
            throws CaptureFormatException {
        int colon = url.indexOf("://");
        if (colon < 0) {
            throw new CaptureFormatException("a request without an absolute URL");
        }
        String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
        int start = colon + 3;
        int end = start;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        String authority = url.substring(start, end).toLowerCase(Locale.ROOT);
        authority = authority.substring(authority.lastIndexOf('@') + 1);
        int port = scheme.equals("https") || scheme.equals("wss") ? 443 : 80;
        int at = authority.lastIndexOf(':');
        if (at > 0 && authority.indexOf(']', at) < 0) {
            try {
                port = Integer.parseInt(authority.substring(at + 1));
            } catch (NumberFormatException _) {
                throw new CaptureFormatException("a request with a malformed port");
            }
            authority = authority.substring(0, at);
        }
        int fragment = url.indexOf('#', end);
        String target = url.substring(end, fragment < 0 ? url.length() : fragment);
        return new RequestHead(
                method,
                scheme,
                authority,
                port,
                target.startsWith("/") ? target : "/" + target,
                headers,
                httpVersion);
    }
}
