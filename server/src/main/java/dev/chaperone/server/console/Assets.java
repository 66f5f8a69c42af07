// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Secrets;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Scripts, styles and the icon: a closed list out of the jar, read when they are asked for. The
 * vendored ones carry their version in the name and are kept by browsers for a year.
 */
final class Assets {
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final Map<String, String> TYPES =
            Map.of(
                    "console.css", "text/css; charset=utf-8",
                    "console.js", SCRIPT,
                    "icon.svg", "image/svg+xml",
                    "htmx-2.0.11.min.js", SCRIPT,
                    "echarts-6.1.0.common.min.js", SCRIPT);
    private static final int ETAG_BYTES = 16;

    private Assets() {}

    /** Answers {@code GET /console/assets/{name}}. */
    static void send(ServerRequest request, ServerResponse response) {
        String name = request.path().pathParameters().get("name");
        String type = TYPES.get(name);
        if (type == null) {
            throw Problem.notFound("there is no such resource");
        }
        boolean vendored = name.endsWith(".min.js");
        byte[] body = read(vendored ? "vendor/" + name : name);
        String etag =
                '"' + HexFormat.of().formatHex(Secrets.sha256().digest(body), 0, ETAG_BYTES) + '"';
        PageHeaders.add(response);
        response.header(HeaderNames.ETAG, etag)
                .header(
                        HeaderNames.CACHE_CONTROL,
                        vendored ? "public, max-age=31536000, immutable" : "no-cache");
        if (request.headers().first(HeaderNames.IF_NONE_MATCH).orElse("").equals(etag)) {
            response.status(304).send();
            return;
        }
        response.header(HeaderNames.CONTENT_TYPE, type);
        response.send(body);
    }

    private static byte[] read(String resource) {
        try (InputStream in = Assets.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + resource);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the jar cannot be read", e);
        }
    }
}
