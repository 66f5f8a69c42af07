// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.service.AiService;
import java.util.List;
import java.util.Optional;

/** The services an agent knows, compiled for recognising requests. Immutable and thread-safe. */
public final class Catalogue {
    private final List<AiService> services;

    private Catalogue(List<AiService> services) {
        this.services = List.copyOf(services);
    }

    /**
     * Compiles services in order.
     *
     * @throws IllegalArgumentException naming service, endpoint and place of a path, condition or
     *     regex that does not compile
     */
    public static Catalogue compile(List<AiService> services) {
        return new Catalogue(services);
    }

    public List<AiService> services() {
        return services;
    }

    /** Services one of whose host patterns covers the host, in order; "any host" excluded. */
    public List<AiService> servicesOn(String host, int port) {
        return List.of();
    }

    /** The first endpoint that the request's head fits; endpoints that need the body excluded. */
    public Optional<EndpointMatch> match(RequestHead head) {
        return Optional.empty();
    }

    /**
     * The first endpoint that the request fits.
     *
     * @param decodedBody after Content-Encoding
     */
    public Optional<EndpointMatch> match(RequestHead head, byte[] decodedBody) {
        return Optional.empty();
    }
}
