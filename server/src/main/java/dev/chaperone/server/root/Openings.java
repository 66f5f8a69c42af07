// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.root;

import dev.chaperone.model.service.AiService;
import dev.chaperone.policies.NeverDecrypt;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.server.http.Secrets;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The names that devices may open by the server's own catalogue and the published policy: what a
 * device says is never a reason. Immutable and thread-safe.
 */
final class Openings {
    /** A name of one label, or an address: nothing that a certificate of ours should vouch for. */
    private static final Pattern NO_NAME = Pattern.compile("[^.]*|[0-9.]+|.*[:/].*");

    private static final String LOCAL = "localhost";

    private final NeverDecrypt never;
    private final Set<String> closed = new TreeSet<>();
    private final Map<String, Set<String>> names = new HashMap<>();

    Openings(List<AiService> catalogue, PolicyDocument.Services policy, NeverDecrypt never) {
        this.never = never;
        for (AiService service : catalogue) {
            names.put(service.id(), Set.copyOf(service.literalHosts()));
            boolean open = service.openByDefault() || policy.open().contains(service.id());
            if (!open || policy.close().contains(service.id())) {
                closed.add(service.id());
            }
        }
    }

    /** Why a name is not signed for a service; empty when it is. */
    Optional<String> refusal(String service, String host) {
        Set<String> known = names.get(service);
        String bare = host.startsWith("*.") ? host.substring(2) : host;
        if (never.covers(bare)) {
            return Optional.of("never-decrypted");
        }
        if (known == null) {
            return Optional.of("unknown-service");
        }
        if (closed.contains(service)) {
            return Optional.of("closed");
        }
        if (!known.contains(host)) {
            return Optional.of("not-of-service");
        }
        return !bare.equals(LOCAL) && NO_NAME.matcher(bare).matches()
                ? Optional.of("no-name")
                : Optional.empty();
    }

    /** A name that devices open, to try a new root with. */
    Optional<String> sample() {
        return new TreeMap<>(names)
                .entrySet().stream()
                        .flatMap(e ->
                                e.getValue().stream()
                                        .sorted()
                                        .filter(h -> !h.startsWith("*."))
                                        .filter(h -> refusal(e.getKey(), h).isEmpty()))
                        .findFirst();
    }

    /** The same for two that say the same. */
    String digest() {
        String all = closed + "\n" + new TreeMap<>(sorted());
        return HexFormat.of()
                .formatHex(Secrets.sha256().digest(all.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }

    private Map<String, Set<String>> sorted() {
        Map<String, Set<String>> sorted = new HashMap<>();
        names.forEach((id, hosts) -> sorted.put(id, new TreeSet<>(hosts)));
        return sorted;
    }
}
