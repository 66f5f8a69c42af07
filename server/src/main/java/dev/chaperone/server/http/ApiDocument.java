// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.http;

import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** {@code GET /openapi.yaml}: the OpenAPI 3.1 document of this server. It holds no secret. */
public final class ApiDocument {
    private ApiDocument() {}

    public static void console(HttpRouting.Builder routing) {
        routing.get(
                "/openapi.yaml",
                (_, response) -> Replies.send(response, 200, "application/yaml", read()));
    }

    private static byte[] read() {
        try (InputStream in = ApiDocument.class.getResourceAsStream("openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks openapi.yaml");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the jar cannot be read", e);
        }
    }
}
