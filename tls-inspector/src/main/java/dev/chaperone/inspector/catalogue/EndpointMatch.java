// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.Map;

/** A request recognised as one endpoint of a service. Immutable. */
public final class EndpointMatch {
    private final AiService service;
    private final Endpoint endpoint;
    private final Map<String, String> pathGroups;

    EndpointMatch(AiService service, Endpoint endpoint, Map<String, String> pathGroups) {
        this.service = service;
        this.endpoint = endpoint;
        this.pathGroups = Map.copyOf(pathGroups);
    }

    public AiService service() {
        return service;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /** The named groups of the endpoint's path. */
    public Map<String, String> pathGroups() {
        return pathGroups;
    }

    /** Hides the path groups: they can hold identifiers of the person. */
    @Override
    public String toString() {
        return "EndpointMatch[" + service.id() + "/" + endpoint.id() + "]";
    }
}
