// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An AI service as its catalogue file declares it.
 *
 * @param id unique, for example {@code acme-chat}
 * @param name for people
 * @param vendor for people
 * @param category {@code chat-web}, {@code api}, {@code code-assistant} …
 * @param hosts exact, {@code *.suffix} (not the bare suffix), {@code host:port} or {@code ~regex}
 * @param exclusive false where the hosts also carry other things: there only the declared paths may
 *     be parsed or recorded
 * @param openByDefault opened unless policy says otherwise
 * @param endpoints in order: the first that matches wins
 * @param account clues to the account a request is sent with, in order: the first kind and the
 *     first id found win
 * @param accountHosts host pattern → kind of account, for a kind that no clue gave
 * @param confidence how the facts are known
 * @param tenantHeader the header by which a proxy restricts the tenants of this service, for
 *     people; or null
 */
public record AiService(
        String id,
        String name,
        String vendor,
        String category,
        List<String> hosts,
        boolean exclusive,
        boolean openByDefault,
        List<Endpoint> endpoints,
        List<AccountRule> account,
        Map<String, String> accountHosts,
        Confidence confidence,
        @Nullable String tenantHeader) {
    public AiService {
        hosts = List.copyOf(hosts);
        endpoints = List.copyOf(endpoints);
        account = List.copyOf(account);
        // Keeps the order of the file, which Map.copyOf would not.
        accountHosts =
                java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(accountHosts));
    }

    /** A service without account clues. */
    public AiService(
            String id,
            String name,
            String vendor,
            String category,
            List<String> hosts,
            boolean exclusive,
            boolean openByDefault,
            List<Endpoint> endpoints) {
        this(
                id,
                name,
                vendor,
                category,
                hosts,
                exclusive,
                openByDefault,
                endpoints,
                List.of(),
                Map.of(),
                Confidence.DOCUMENTED,
                null);
    }

    /**
     * The names a certificate for this service can carry, in order, each once: exact names and
     * {@code *.suffix}, without ports. A {@code ~regex} names nothing.
     */
    public List<String> literalHosts() {
        return Stream.concat(hosts.stream(), endpoints.stream().flatMap(e -> e.hosts().stream()))
                .filter(host -> !host.startsWith("~"))
                .map(host ->
                        host.lastIndexOf(':') > 0 ? host.substring(0, host.lastIndexOf(':')) : host)
                .distinct()
                .toList();
    }
}
