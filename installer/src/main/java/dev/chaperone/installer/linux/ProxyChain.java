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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Proxy settings that a company already has on the machine: kept, chained, restored. What they say
 * (the PAC file of an address, or a fixed proxy) becomes the file that our PAC asks about every
 * host that is not opened; a browser policy that names them names ours instead until the undo.
 * Fetched anew at each repair; one that cannot be fetched now leaves the last one in force.
 */
public final class ProxyChain implements Step {
    /** Read by the agent: {@code chained-pac} of its configuration. */
    public static final String CHAINED = "/etc/chaperone/chained.pac";

    private static final int MOST = 1 << 20;
    private static final int MILLIS = 5000;
    private static final String OURS = "chaperone.json";

    private static final Pattern DCONF_PAC = Pattern.compile("^autoconfig-url\\s*=\\s*'([^']+)'");
    private static final Pattern ENDPOINT = Pattern.compile("(?:http://)?([\\w.\\-]+:\\d{1,5})/?");

    /**
     * A proxy setting of somebody else.
     *
     * @param file where it stands
     * @param pac address of a PAC file, or empty
     * @param server {@code HOST:PORT} of a fixed proxy, or empty
     */
    private record Foreign(String file, String pac, String server) {}

    @Override
    public String name() {
        return "proxy-chain";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        List<Foreign> found = new ArrayList<>();
        for (String folder : ChromiumPolicies.FOLDERS) {
            found.addAll(chromium(machine, settings, changes, folder));
        }
        firefox(machine, changes).ifPresent(found::add);
        found.addAll(dconf(machine));
        Optional<Foreign> first =
                found.stream()
                        .filter(f -> !f.pac().equals(settings.pacUrl()))
                        .filter(f -> !f.pac().isEmpty() || !f.server().isEmpty())
                        .findFirst();
        if (first.isEmpty()) {
            return "no proxy of somebody else";
        }
        return chain(first.get(), machine, changes);
    }

    private static String chain(Foreign foreign, Machine machine, Changes changes)
            throws StepException, IOException {
        String text;
        if (!foreign.server().isEmpty()) {
            text =
                    "function FindProxyForURL(url, host) { return \"PROXY "
                            + foreign.server()
                            + "; DIRECT\"; }\n";
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
                                + " cannot be fetched; until it can (tried hourly), hosts that are not opened go direct");
            }
        }
        changes.write(CHAINED, text.getBytes(StandardCharsets.UTF_8));
        return foreign.file() + " is asked about every host that is not opened";
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
    private static List<Foreign> chromium(
            Machine machine, MachineSettings settings, Changes changes, String folder)
            throws StepException, IOException {
        List<Foreign> found = new ArrayList<>();
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
                Optional<Foreign> foreign = chromium(file, policy);
                if (foreign.isPresent()) {
                    found.add(foreign.get());
                    changes.merge(file, new JsonKeys(file, redirected(policy, settings)));
                }
            }
        }
        return found;
    }

    private static Optional<Foreign> chromium(String file, JsonNode policy) {
        JsonNode one = policy.path("ProxySettings");
        String pac = one.path("ProxyPacUrl").asString(policy.path("ProxyPacUrl").asString(""));
        String server = one.path("ProxyServer").asString(policy.path("ProxyServer").asString(""));
        Matcher endpoint = ENDPOINT.matcher(server);
        return pac.isEmpty() && !endpoint.matches()
                ? Optional.empty()
                : Optional.of(new Foreign(file, pac, pac.isEmpty() ? endpoint.group(1) : ""));
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

    private static Optional<Foreign> firefox(Machine machine, Changes changes) throws IOException {
        if (!machine.exists(FirefoxPolicies.FILE)) {
            return Optional.empty();
        }
        JsonNode proxy =
                read(changes.original(FirefoxPolicies.FILE)).path("policies").path("Proxy");
        String pac = proxy.path("AutoConfigURL").asString("");
        Matcher endpoint = ENDPOINT.matcher(proxy.path("HTTPProxy").asString(""));
        boolean manual = proxy.path("Mode").asString("").equals("manual") && endpoint.matches();
        return pac.isEmpty() && !manual
                ? Optional.empty()
                : Optional.of(
                        new Foreign(FirefoxPolicies.FILE, pac, manual ? endpoint.group(1) : ""));
    }

    private static List<Foreign> dconf(Machine machine) throws IOException {
        List<Foreign> found = new ArrayList<>();
        Path databases = machine.path("/etc/dconf/db");
        if (!Files.isDirectory(databases)) {
            return found;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(databases, "*.d")) {
            for (Path folder : folders) {
                if (folder.endsWith("chaperone.d")) {
                    continue;
                }
                try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                    for (Path file : files) {
                        if (Files.isRegularFile(file)) {
                            String name =
                                    "/etc/dconf/db/"
                                            + folder.getFileName()
                                            + "/"
                                            + file.getFileName();
                            pac(Files.readString(file))
                                    .ifPresent(p -> found.add(new Foreign(name, p, "")));
                        }
                    }
                }
            }
        }
        return found;
    }

    private static Optional<String> pac(String keyfile) {
        boolean ofProxy = false;
        for (String line : keyfile.lines().map(String::strip).toList()) {
            if (line.startsWith("[")) {
                ofProxy = line.equals("[system/proxy]");
            }
            Matcher matcher = DCONF_PAC.matcher(line);
            if (ofProxy && matcher.find()) {
                return Optional.of(matcher.group(1));
            }
        }
        return Optional.empty();
    }

    private static JsonNode read(byte[] text) {
        try {
            return JsonMapper.builder().build().readTree(text);
        } catch (JacksonException e) {
            return JsonNodeFactory.instance.objectNode(); // no browser reads it either
        }
    }
}
