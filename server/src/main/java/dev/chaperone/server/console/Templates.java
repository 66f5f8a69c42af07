// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.Utf8ByteOutput;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** The templates of {@code src/main/jte}, compiled at build; loaded with the first page. */
final class Templates {
    private Templates() {}

    private static final class Holder {
        static final TemplateEngine ENGINE = TemplateEngine.createPrecompiled(ContentType.Html);
    }

    /** Answers with a page. */
    static void send(
            ServerResponse response, int status, String template, Map<String, Object> values) {
        Utf8ByteOutput out = new Utf8ByteOutput();
        Holder.ENGINE.render(template, values, out);
        ByteArrayOutputStream body = new ByteArrayOutputStream(out.getContentLength());
        try {
            out.writeTo(body);
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes every byte", e);
        }
        PageHeaders.add(response);
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8")
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .header(HeaderNames.VARY, "HX-Request");
        response.send(body.toByteArray());
    }
}
