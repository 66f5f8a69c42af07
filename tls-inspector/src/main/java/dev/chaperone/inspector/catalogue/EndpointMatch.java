// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.Map;

/** A request recognised as one endpoint of a service. Immutable. */
public final class EndpointMatch {
    private final CompiledEndpoint compiled;
    private final Map<String, String> pathGroups;

    EndpointMatch(CompiledEndpoint compiled, Map<String, String> pathGroups) {
        this.compiled = compiled;
        this.pathGroups = Map.copyOf(pathGroups);
    }

    public AiService service() {
        return compiled.service;
    }

    public Endpoint endpoint() {
        return compiled.endpoint;
    }

    /** The named groups of the endpoint's path. */
    public Map<String, String> pathGroups() {
        return pathGroups;
    }

    CompiledEndpoint compiled() {
        return compiled;
    }

    /** Hides the path groups: they can hold identifiers of the person. */
    @Override
    public String toString() {
        return "EndpointMatch[" + service().id() + "/" + endpoint().id() + "]";
    }
}
