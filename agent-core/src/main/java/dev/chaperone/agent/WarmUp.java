// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.capture.CapturedExchange;
import dev.chaperone.inspector.capture.ExchangeInspector;
import dev.chaperone.inspector.capture.Inspection;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.policies.PolicyContext;
import dev.chaperone.policies.PolicyEngine;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Runs the engines once after start, so that the person's first prompt and its answer do not pay
 * for loading classes and telephone number metadata (measured: up to 0.8 s on a busy machine for
 * the prompt, 10 ms and more for the first streamed token).
 */
final class WarmUp {
    private static final String TEXT =
            "name,email,phone\\nAnn Example,ann@example.com,+44 20 7946 0018\\n"
                    + "Call +49 30 901820 or write to office@example.org about order 4539 5787 6362 1486.";

    private static final String REQUEST =
            "{\"model\":\"none\",\"messages\":[{\"role\":\"user\",\"content\":\"" + TEXT + "\"}]}";

    private static final String EVENT =
            "event: delta\ndata: {\"type\":\"delta\",\"delta\":{\"text\":\"some words \"}}\n\n";

    private static final int EVENTS = 40;
    private static final int ROUNDS = 3;

    private WarmUp() {}

    static void run(DetectionEngine detection, PolicyEngine policy, InstantSource clock) {
        ExchangeInspector inspector = new ExchangeInspector(catalogue());
        for (int i = 0; i < ROUNDS; i++) {
            Inspection inspection = inspector.inspect(exchange());
            policy.evaluate(
                    detection.assess(inspection.prompt()),
                    PolicyContext.builder()
                            .segments(inspection.prompt().segments())
                            .now(clock.instant())
                            .build());
        }
    }

    static Inspection inspection() {
        return new ExchangeInspector(catalogue()).inspect(exchange());
    }

    private static CapturedExchange exchange() {
        byte[] body = REQUEST.getBytes(StandardCharsets.UTF_8);
        byte[] event = EVENT.getBytes(StandardCharsets.UTF_8);
        return new CapturedExchange(
                "warm-up",
                new RequestHead(
                        "POST",
                        "https",
                        "warm-up.invalid",
                        443,
                        "/chat",
                        List.of(new HeaderField("content-type", "application/json")),
                        "http/1.1"),
                body,
                body.length,
                new CapturedExchange.Response(
                        200,
                        List.of(new HeaderField("content-type", "text/event-stream")),
                        EVENT.repeat(EVENTS).getBytes(StandardCharsets.UTF_8),
                        Collections.nCopies(EVENTS, event.length)),
                List.of());
    }

    /** A made-up service, so that no real one is named here. */
    private static Catalogue catalogue() {
        try (InputStream in = WarmUp.class.getResourceAsStream("warm-up-service.json")) {
            byte[] file = Objects.requireNonNull(in, "warm-up-service.json").readAllBytes();
            return Catalogue.compile(List.of(CatalogueLoader.parse(file, "warm-up-service.json")));
        } catch (IOException e) {
            throw new IllegalStateException("warm-up-service.json", e);
        }
    }
}
