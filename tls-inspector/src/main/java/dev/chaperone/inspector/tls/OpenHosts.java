// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.tls.InterceptDecision.Reason;
import dev.chaperone.model.service.AiService;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which hosts are decrypted (DESIGN §2 rule 1): those of services that are open by default or that
 * policy names, less the never-decrypt list, which beats every policy. Immutable, thread-safe.
 */
public final class OpenHosts {
    private final Catalogue catalogue;
    private final Set<String> opened;
    private final Set<String> closed;
    private final Predicate<String> neverDecrypt;

    /**
     * @param opened ids of services that policy opens
     * @param closed ids of services that policy closes
     * @param neverDecrypt true for a host that must not be decrypted whatever policy says
     */
    public OpenHosts(
            Catalogue catalogue,
            Collection<String> opened,
            Collection<String> closed,
            Predicate<String> neverDecrypt) {
        this.catalogue = catalogue;
        this.opened = Set.copyOf(opened);
        this.closed = Set.copyOf(closed);
        this.neverDecrypt = neverDecrypt;
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    /** Decides on a host that a client asks for with CONNECT or an absolute URL. */
    public InterceptDecision decide(String host, int port) {
        String name = host.toLowerCase(Locale.ROOT);
        if (neverDecrypt.test(name)) {
            return new InterceptDecision.Tunnel(Reason.NEVER_DECRYPT);
        }
        Reason why = Reason.NOT_LISTED;
        for (AiService service : catalogue.servicesOn(name, port)) {
            if (closed.contains(service.id())) {
                why = Reason.CLOSED_BY_POLICY;
            } else if (!isOpen(service)) {
                why = Reason.CLOSED_BY_DEFAULT;
            } else if (!vouchesFor(service, name)) {
                why = Reason.NO_LITERAL_NAME;
            } else {
                return new InterceptDecision.Intercept(service);
            }
        }
        return new InterceptDecision.Tunnel(why);
    }

    public boolean isOpen(AiService service) {
        return !closed.contains(service.id())
                && (service.openByDefault() || opened.contains(service.id()));
    }

    /** Host patterns of every opened service, for {@code proxy.pac} and {@code hosts}. */
    public List<String> openPatterns() {
        return openNames().values().stream().flatMap(List::stream).distinct().toList();
    }

    /** The names of each opened service that has any, by its id, in the catalogue's order. */
    public Map<String, List<String>> openNames() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (AiService service : catalogue.services()) {
            List<String> open =
                    Catalogue.literalHosts(service).stream()
                            .filter(p -> !neverDecrypt.test(p))
                            .toList();
            if (isOpen(service) && !open.isEmpty()) {
                names.put(service.id(), open);
            }
        }
        return names;
    }

    private static boolean vouchesFor(AiService service, String host) {
        for (String name : Catalogue.literalHosts(service)) {
            if (name.equals(host) || name.startsWith("*.") && host.endsWith(name.substring(1))) {
                return true;
            }
        }
        return false;
    }
}
