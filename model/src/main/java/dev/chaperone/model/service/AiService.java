// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;

/**
 * An AI service as its catalogue file declares it.
 *
 * @param id unique, for example {@code openai-api}
 * @param name for people
 * @param vendor for people
 * @param category {@code chat-web}, {@code api}, {@code code-assistant} …
 * @param hosts exact, {@code *.suffix} (not the bare suffix), {@code host:port} or {@code ~regex}
 * @param exclusive false where the hosts also carry other things: there only the declared paths may
 *     be parsed or recorded
 * @param openByDefault opened unless policy says otherwise
 * @param endpoints in order: the first that matches wins
 */
public record AiService(
        String id,
        String name,
        String vendor,
        String category,
        List<String> hosts,
        boolean exclusive,
        boolean openByDefault,
        List<Endpoint> endpoints) {
    public AiService {
        hosts = List.copyOf(hosts);
        endpoints = List.copyOf(endpoints);
    }
}
