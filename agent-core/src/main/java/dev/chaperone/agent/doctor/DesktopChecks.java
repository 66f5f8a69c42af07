// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.agent.machine.Watchdog;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * What is asked alike on Windows and macOS: does the service answer, what does a browser's policy
 * say. What a system's program does not tell is a note, never well.
 */
final class DesktopChecks {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Policies of Chromium that say where its traffic goes (Chrome Enterprise policy list). */
    static final List<String> PROXY_KEYS =
            List.of("ProxyMode", "ProxySettings", "ProxyPacUrl", "ProxyServer", "ProxyServerMode");

    /**
     * What the system's service manager says.
     *
     * @param state in its own word; empty when it could not be asked
     * @param running whether that is the word for running
     * @param starts how often it started the service since it knows it; 1 when it does not count
     * @param seen by what
     */
    record Managed(Optional<String> state, boolean running, int starts, String seen) {}

    /** Where a policy sends a browser. */
    enum Route {
        OURS,
        UNSET,
        FOREIGN
    }

    private DesktopChecks() {}

    /**
     * Whether the service runs and answers.
     *
     * @param start the command that starts it
     */
    static void service(CheckList checks, Scope scope, Managed managed, String start) {
        boolean answers =
                scope.proxy()
                        .map(p -> Watchdog.answers(new InetSocketAddress(p.host(), p.port())))
                        .orElse(false);
        if (managed.state().isPresent() && !managed.running()) {
            checks.bad("service", "service.stopped", managed.state().get(), start);
        } else if (scope.proxy().isEmpty()) {
            checks.bad("service", "service.none", start);
        } else if (!answers) {
            checks.bad("service", "service.hangs", scope.proxy().get(), start);
        } else if (managed.state().isEmpty()) {
            checks.note("service", "service.untold", scope.proxy().get());
        } else if (managed.starts() > 1) {
            checks.note("service", "service.restarted", scope.proxy().get(), managed.starts());
        } else {
            checks.ok("service", "service.ok", scope.proxy().get());
        }
        checks.evidence(managed.seen());
    }

    /**
     * Whether the system's store holds a root and trusts it.
     *
     * @param store its name
     * @param name the root's
     * @param held empty when it cannot be told
     * @param trusted the same; asked only of one that is held
     * @param remedy how it comes into the store
     * @param seen by what
     */
    static void root(
            CheckList checks,
            String store,
            String name,
            Optional<Boolean> held,
            Optional<Boolean> trusted,
            String remedy,
            String seen) {
        if (held.isEmpty() || held.get() && trusted.isEmpty()) {
            checks.note("ca-store:system", "store.untold", store, name);
        } else if (!held.get()) {
            checks.bad("ca-store:system", "store.lacks", store, name, remedy);
        } else if (!trusted.orElse(false)) {
            checks.bad("ca-store:system", "store.distrusted", name);
        } else {
            checks.ok("ca-store:system", "store.holds", store);
        }
        checks.evidence(seen);
    }

    /** Whether the PAC address answers with our names. Nothing where no address is known. */
    static void served(CheckList checks, Scope scope, String start) {
        scope.proxy()
                .ifPresent(proxy -> {
                    String pac = BrowserChecks.fetch(proxy);
                    long hosts = BrowserChecks.HOST.matcher(pac).results().count();
                    if (hosts > 0 && pac.contains("PROXY " + proxy)) {
                        checks.ok("pac", "pac.served", url(scope), hosts);
                    } else {
                        checks.bad("pac", "pac.dead", url(scope), start);
                    }
                    checks.evidence(url(scope) + ": " + hosts + " hosts");
                });
    }

    /** Our PAC address; empty when the service says nothing of itself. */
    static String url(Scope scope) {
        return scope.proxy().map(p -> "http://" + p + "/proxy.pac").orElse("");
    }

    /**
     * Where Chrome or Edge go by their policy.
     *
     * @param policy an object of policies by name; missing when there is none
     */
    static Route chromium(JsonNode policy, String url) {
        JsonNode settings = policy.path("ProxySettings");
        boolean ours =
                settings.path("ProxyMode").asString("").equals("pac_script")
                        && settings.path("ProxyPacUrl").asString("").equals(url);
        boolean names = PROXY_KEYS.stream().anyMatch(policy::has);
        boolean others =
                !policy.path("ProxyPacUrl").asString(url).equals(url)
                        || policy.has("ProxyServer")
                        || policy.has("ProxyServerMode")
                        || !policy.path("ProxyMode").asString("pac_script").equals("pac_script");
        if (ours && !others) {
            return Route.OURS;
        }
        return names ? Route.FOREIGN : Route.UNSET;
    }

    /** The same for Firefox, by what stands under {@code Proxy}. */
    static Route firefox(JsonNode proxy, String url) {
        if (proxy.path("Mode").isMissingNode() && proxy.path("AutoConfigURL").isMissingNode()) {
            return Route.UNSET;
        }
        return proxy.path("Mode").asString("").equals("autoConfig")
                        && proxy.path("AutoConfigURL").asString("").equals(url)
                ? Route.OURS
                : Route.FOREIGN;
    }

    /** A text as JSON; a missing node when it is none. */
    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            return MissingNode.getInstance();
        }
    }

    static Optional<String> first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? Optional.of(found.group(1).strip()) : Optional.empty();
    }
}
