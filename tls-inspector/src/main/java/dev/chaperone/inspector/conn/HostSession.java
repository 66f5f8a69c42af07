// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.ResponseHead;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One client connection to one host: what is known about both ends, for all exchanges on it. Runs
 * on the connection's event loop.
 */
final class HostSession {
    /** Stands for a request to no declared endpoint, in exchanges that are only counted. */
    private static final String UNMATCHED = "unmatched";

    private final ProxyContext proxy;
    private final Catalogue catalogue;
    private final @Nullable AiService service;
    private final String host;
    private final CompletableFuture<ClientProcess> client;
    private final PromptInspection inspection;
    private final Set<ExchangeFlow> held = new LinkedHashSet<>();
    private final HeldExchanges all;

    /**
     * @param service null when the host is not opened: nothing of it is looked at
     */
    HostSession(
            ProxyContext proxy,
            Catalogue catalogue,
            @Nullable AiService service,
            String host,
            CompletableFuture<ClientProcess> client,
            HeldExchanges all) {
        this.proxy = proxy;
        this.catalogue = catalogue;
        this.service = service;
        this.host = host;
        this.client = client;
        this.all = all;
        this.inspection =
                new PromptInspection(
                        proxy.gate(),
                        4
                                * proxy.settings()
                                        .maxInspectedBody()); // text compresses about 4 : 1; beyond
        // that it is a bomb
    }

    boolean opened() {
        return service != null;
    }

    String host() {
        return host;
    }

    String serviceId() {
        return service == null ? "" : service.id();
    }

    PromptInspection inspection() {
        return inspection;
    }

    @Nullable EndpointMatch match(RequestHead head) {
        return service == null ? null : catalogue.match(head).orElse(null);
    }

    /**
     * Whether the request's body is to be read before anything is sent: every body of a declared
     * endpoint is, also where no prompt is expected. Telemetry and token counts carry prompts as
     * well, and what passes unread must be counted (DESIGN §2 rule 12).
     */
    static boolean inspects(RequestHead head) {
        return !head.isWebSocketUpgrade(); // there the prompts come in messages
    }

    Exchange exchange(RequestHead head, @Nullable EndpointMatch match) {
        AiService known = match != null ? match.service() : service != null ? service : NO_SERVICE;
        Endpoint endpoint = match != null ? match.endpoint() : NO_ENDPOINT;
        return new Exchange(
                proxy.exchangeIds().incrementAndGet(),
                known,
                endpoint,
                host,
                head.isWebSocketUpgrade() ? "ws" : head.httpVersion(),
                client.getNow(ClientProcess.UNKNOWN),
                !SignedBody.covers(head),
                service == null ? _ -> false : proxy.tokens().ownSecretsOf(head));
    }

    /**
     * The exchange with the owner of its connection, as far as that is known by now: the look-up
     * must not hold the event loop. Any thread.
     */
    Exchange owned(Exchange exchange) {
        return exchange.withClient(client.getNow(ClientProcess.UNKNOWN));
    }

    /**
     * The exchange with the owner of its connection. Waits for a look-up that is slower than the
     * handshakes (a busy machine, plain HTTP): a rule may ask for the program. On a virtual thread.
     */
    Exchange awaitOwner(Exchange exchange) throws InterruptedException {
        try {
            return exchange.withClient(client.get());
        } catch (ExecutionException e) {
            return exchange; // the look-up failed, and was to say so by itself
        }
    }

    @Nullable AnswerTap tap(
            RequestHead head,
            @Nullable EndpointMatch match,
            ResponseHead response,
            @Nullable Exchange exchange) {
        if (service == null || exchange == null) {
            return null;
        }
        proxy.tokens().learn(host, response.headers());
        String type = response.header("content-type").orElse("").toLowerCase(Locale.ROOT);
        if (match != null) {
            return AnswerTap.of(proxy, exchange, match, head, response, type);
        }
        return type.contains("json") ? AnswerTap.forTokens(proxy, host, response) : null;
    }

    /** What turns the answer's placeholders back, or null where nothing is to be restored. */
    @Nullable RestoredAnswer restored(
            RequestHead head,
            @Nullable EndpointMatch match,
            ResponseHead response,
            @Nullable Exchange exchange) {
        return service == null || match == null || exchange == null
                ? null
                : RestoredAnswer.of(proxy, exchange, match, head, response);
    }

    void held(ExchangeFlow flow) {
        held.add(flow);
        all.add(this);
    }

    void released(ExchangeFlow flow) {
        if (held.remove(flow) && held.isEmpty()) {
            all.remove(this);
        }
    }

    /** Gives every held request its fail verdict: the proxy stops. */
    void stopHolding() {
        List<ExchangeFlow> now = new ArrayList<>(held);
        now.forEach(flow -> flow.loop().execute(flow::stopHolding));
    }

    private static final Endpoint NO_ENDPOINT =
            new Endpoint(UNMATCHED, "", "", Endpoint.Kind.CONTROL);
    private static final AiService NO_SERVICE =
            new AiService("", "", "", "", List.of(), false, false, List.of());
}
