// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.function.Predicate;

/**
 * The request that a prompt travels in: which service and endpoint, from which local process.
 *
 * @param id unique in this run of the agent, ≥ 1
 * @param service the AI service
 * @param endpoint the matched endpoint
 * @param host the opened host, lower case
 * @param httpVersion {@code http/1.1}, {@code h2} or {@code ws}
 * @param client the local process that owns the connection
 * @param redactable false when a signature or digest covers the body: it can be sent as it is or
 *     not at all
 * @param ownSecret true for a value that is the request's own credential or a token this service
 *     issued: such a value is never redacted, wherever it stands (DESIGN §4.10)
 */
public record Exchange(
        long id,
        AiService service,
        Endpoint endpoint,
        String host,
        String httpVersion,
        ClientProcess client,
        boolean redactable,
        Predicate<String> ownSecret) {
    /** The same exchange of a client that is known by now. */
    public Exchange withClient(ClientProcess known) {
        return new Exchange(id, service, endpoint, host, httpVersion, known, redactable, ownSecret);
    }

    @Override
    public String toString() {
        return "Exchange[" + id + ", " + service.id() + "/" + endpoint.id() + "]";
    }
}
