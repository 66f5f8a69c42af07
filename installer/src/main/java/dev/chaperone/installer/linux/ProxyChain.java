// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Changes;
import dev.chaperone.installer.JsonKeys;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.StepException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Proxy settings that a company already has on the machine: kept, chained, restored. What they say
 * (the PAC file of an address, or a fixed proxy with its bypass list) becomes the file that our PAC
 * asks about every host that is not opened; a browser policy that names them names ours instead
 * until the undo. Fetched anew at each repair; one that cannot be fetched now leaves the last one
 * in force.
 */
public final class ProxyChain implements Step {
    /** Read by the agent: {@code chained-pac} of its configuration. */
    public static final String CHAINED = "/etc/chaperone/chained.pac";

    private static final int MOST = 1 << 20;
    private static final int MILLIS = 5000;
    private static final String OURS = "chaperone.json";

    @Override
    public String name() {
        return "proxy-chain";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        List<ForeignProxy> found = new ArrayList<>();
        for (String folder : ChromiumPolicies.FOLDERS) {
            found.addAll(chromium(machine, settings, changes, folder));
        }
        firefox(machine, changes).ifPresent(found::add);
        found.addAll(DconfForeign.of(machine));
        Optional<ForeignProxy> first =
                found.stream()
                        .filter(f -> !f.pac().equals(settings.pacUrl()))
                        .filter(f -> !f.isNone())
                        .findFirst();
        if (first.isEmpty()) {
            return "no proxy of somebody else";
        }
        return chain(first.get(), machine, changes);
    }

    private static String chain(ForeignProxy foreign, Machine machine, Changes changes)
            throws StepException, IOException {
        String text;
        if (foreign.pac().isEmpty()) {
            text = foreign.asPac();
        } else {
            try {
                text = fetch(foreign.pac());
            } catch (IOException e) {
                if (machine.exists(CHAINED) && changes.wrote(CHAINED)) {
                    changes.write(CHAINED, Files.readAllBytes(machine.path(CHAINED)));
                    return "the last known of " + foreign.pac() + ", which does not answer now";
                }
                throw new StepException(
                        "the PAC file "
                                + foreign.pac()
                                + " of "
                                + foreign.file()
                                + " cannot be fetched; nothing was changed there. Until it can be (tried hourly; now: chaperone machine repair),"
                                + " programs that follow that file may go past the agent, and others go direct to hosts that are not opened");
            }
        }
        changes.write(CHAINED, text.getBytes(StandardCharsets.UTF_8));
        if (foreign.bypass().cut() > 0) {
            changes.leftOut(
                    foreign.bypass().cut()
                            + " entries of the bypass list in "
                            + foreign.file()
                            + " do not fit into a PAC file; their hosts go to the proxy until it is shorter, by patterns and networks (tried hourly; now: chaperone machine repair)");
        }
        return foreign.file()
                + " is asked about every host that is not opened"
                + foreign.bypass().remarks();
    }

    private static String fetch(String address) throws IOException {
        URI uri;
        try {
            uri = URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new IOException("no address");
        }
        if (!List.of("http", "https", "file").contains(String.valueOf(uri.getScheme()))) {
            throw new IOException("no address of a file");
        }
        URLConnection connection = uri.toURL().openConnection(java.net.Proxy.NO_PROXY);
        connection.setConnectTimeout(MILLIS);
        connection.setReadTimeout(MILLIS);
        try (InputStream in = connection.getInputStream()) {
            byte[] bytes = in.readNBytes(MOST + 1);
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (bytes.length > MOST || !text.contains("FindProxyForURL")) {
                throw new IOException("no PAC file");
            }
            return text;
        }
    }

    /**
     * Policies of other files in a browser's folder; each that names a proxy names our PAC then.
     */
    private static List<ForeignProxy> chromium(
            Machine machine, MachineSettings settings, Changes changes, String folder)
            throws StepException, IOException {
        List<ForeignProxy> found = new ArrayList<>();
        for (String kind : List.of("/policies/managed", "/policies/recommended")) {
            Path at = machine.path(folder + kind);
            if (!Files.isDirectory(at)) {
                continue;
            }
            List<String> names = new ArrayList<>();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(at, "*.json")) {
                files.forEach(f -> names.add(String.valueOf(f.getFileName())));
            }
            for (String name : names.stream().filter(n -> !n.equals(OURS)).sorted().toList()) {
                String file = folder + kind + "/" + name;
                // Asked as it was before our keys came into it.
                JsonNode policy = read(changes.original(file));
                Optional<ForeignProxy> foreign = chromium(file, policy);
                if (foreign.isPresent()) {
                    found.add(foreign.get());
                    changes.merge(file, new JsonKeys(file, redirected(policy, settings)));
                }
            }
        }
        return found;
    }

    private static Optional<ForeignProxy> chromium(String file, JsonNode policy) {
        JsonNode one = policy.path("ProxySettings");
        String pac = one.path("ProxyPacUrl").asString(policy.path("ProxyPacUrl").asString(""));
        String server = one.path("ProxyServer").asString(policy.path("ProxyServer").asString(""));
        // One list belongs to one server: ProxySettings is in force without the single policies.
        JsonNode with = one.has("ProxyServer") ? one : policy;
        return Optional.of(
                        pac.isEmpty()
                                ? ForeignProxy.fixed(
                                        file,
                                        server,
                                        "",
                                        ChromiumBypass.of(
                                                with.path("ProxyBypassList").asString("")))
                                : ForeignProxy.pac(file, pac))
                .filter(f -> !f.isNone());
    }

    private static Map<String, JsonNode> redirected(JsonNode policy, MachineSettings settings) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        Map<String, JsonNode> values = new LinkedHashMap<>();
        if (policy.has("ProxySettings")) {
            ObjectNode ours =
                    json.objectNode()
                            .put("ProxyMode", "pac_script")
                            .put("ProxyPacUrl", settings.pacUrl());
            values.put("/ProxySettings", ours);
        }
        if (policy.has("ProxyMode") || policy.has("ProxyPacUrl") || policy.has("ProxyServer")) {
            values.put("/ProxyMode", json.stringNode("pac_script"));
            values.put("/ProxyPacUrl", json.stringNode(settings.pacUrl()));
        }
        return values;
    }

    private static Optional<ForeignProxy> firefox(Machine machine, Changes changes)
            throws IOException {
        if (!machine.exists(FirefoxPolicies.FILE)) {
            return Optional.empty();
        }
        JsonNode proxy =
                read(changes.original(FirefoxPolicies.FILE)).path("policies").path("Proxy");
        String mode = proxy.path("Mode").asString("autoConfig");
        ForeignProxy found =
                switch (mode) {
                    case "autoConfig" ->
                            ForeignProxy.pac(
                                    FirefoxPolicies.FILE, proxy.path("AutoConfigURL").asString(""));
                    case "manual" ->
                            ForeignProxy.fixed(
                                    FirefoxPolicies.FILE,
                                    proxy.path("HTTPProxy").asString(""),
                                    proxy.path("SSLProxy").asString(""),
                                    FirefoxBypass.of(proxy.path("Passthrough").asString("")));
                    default -> ForeignProxy.pac(FirefoxPolicies.FILE, "");
                };
        return Optional.of(found).filter(f -> !f.isNone());
    }

    private static JsonNode read(byte[] text) {
        try {
            return JsonMapper.builder().build().readTree(text);
        } catch (JacksonException e) {
            return JsonNodeFactory.instance.objectNode(); // no browser reads it either
        }
    }
}
