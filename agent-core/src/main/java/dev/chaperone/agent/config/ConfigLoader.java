// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.config;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.policies.Suggestions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads {@code config.yaml}. Every problem of the file is reported in one go, each with its line
 * and a remedy.
 */
public final class ConfigLoader {
    private static final int MIN_BODY = 64 << 10;
    private static final int MAX_BODY = 64 << 20;

    private static final Pattern PROXY_HOST = Pattern.compile("[A-Za-z0-9._:%-]+");
    private static final Pattern BYPASS =
            Pattern.compile("<local>|(\\*?\\.)?[A-Za-z0-9_:-]+(\\.[A-Za-z0-9_-]+)*");

    /** The keys there are, with an example each. */
    static final Map<String, String> KEYS = keys();

    private final String name;
    private final Path base;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Node> values = new HashMap<>();

    private ConfigLoader(Path file) {
        this.name = String.valueOf(file.getFileName());
        this.base =
                java.util.Objects.requireNonNullElse(
                        file.toAbsolutePath().getParent(), Path.of("/"));
    }

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("listen", "127.0.0.1:8421");
        keys.put("allow-remote", "false");
        keys.put("max-inspected-body", "8MiB");
        keys.put("decision-timeout", "10s");
        keys.put("connect-timeout", "10s");
        keys.put("drain-timeout", "5s");
        keys.put("pac-direct", "true");
        keys.put("native-tls", "true");
        keys.put("native-transport", "true");
        keys.put("trust-bundle", "ca.pem");
        keys.put("policy", "policy.yaml");
        keys.put("services", "[]");
        keys.put("socket", "/run/chaperone/agent.sock");
        keys.put("socket-for", "every-user");
        keys.put("health", "127.0.0.1:9421");
        keys.put("chained-pac", "chained.pac");
        keys.put("upstream-proxy", "http://proxy.example:3128");
        keys.put("upstream-proxy-bypass", "[<local>, corp.example]");
        return keys;
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException with one line per problem
     */
    public static AgentConfig load(Path file) throws ConfigException {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(
                    file + ": cannot be read; check the path and its permissions");
        }
        return new ConfigLoader(file).read(text);
    }

    private AgentConfig read(String text) throws ConfigException {
        compose(text);
        AgentConfig d = AgentConfig.DEFAULTS;
        AgentConfig config =
                new AgentConfig(
                        value("listen", HostPort::parse, d.listen()),
                        value("allow-remote", ConfigLoader::bool, d.allowRemote()),
                        value("max-inspected-body", ConfigLoader::size, d.maxInspectedBody()),
                        value("decision-timeout", t -> duration(t, 120), d.decisionTimeout()),
                        value("connect-timeout", t -> duration(t, 120), d.connectTimeout()),
                        value("drain-timeout", t -> duration(t, 5), d.drainTimeout()),
                        value("pac-direct", ConfigLoader::bool, d.pacDirect()),
                        value("native-tls", ConfigLoader::bool, d.nativeTls()),
                        value("native-transport", ConfigLoader::bool, d.nativeTransport()),
                        value("trust-bundle", t -> Optional.of(base.resolve(t)), d.trustBundle()),
                        value("policy", t -> Optional.of(base.resolve(t)), d.policy()),
                        paths("services"),
                        value("socket", t -> Optional.of(base.resolve(t)), d.socket()),
                        value("socket-for", ConfigLoader::everyUser, d.socketForEveryUser()),
                        value("health", ConfigLoader::optionalAddress, d.health()),
                        value(
                                "chained-pac",
                                t ->
                                        t.equals("none")
                                                ? Optional.empty()
                                                : Optional.of(base.resolve(t)),
                                d.chainedPac()),
                        value("upstream-proxy", ConfigLoader::proxy, d.upstreamProxy()),
                        hosts("upstream-proxy-bypass"));
        if (!problems.isEmpty()) {
            throw new ConfigException(String.join("\n", problems));
        }
        return config;
    }

    private void compose(String text) throws ConfigException {
        Optional<Node> root;
        try {
            root =
                    new Compose(
                                    LoadSettings.builder()
                                            .setLabel(name)
                                            .setAllowDuplicateKeys(true)
                                            .build())
                            .composeString(text);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(m -> m.getLine() + 1).orElse(1);
            throw new ConfigException(
                    name
                            + ":"
                            + line
                            + ": not valid YAML; check indentation, quotes and colons there");
        } catch (YamlEngineException e) {
            throw new ConfigException(name + ":1: not valid YAML");
        }
        if (root.isEmpty()) {
            return;
        }
        if (!(root.get() instanceof MappingNode mapping)) {
            throw new ConfigException(
                    name + ":1: expected keys and values, such as 'listen: 127.0.0.1:8421'");
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
            if (!KEYS.containsKey(key)) {
                problem(tuple.getKeyNode(), "unknown key '" + key + "'" + suggestion(key));
            } else if (values.put(key, tuple.getValueNode()) != null) {
                problem(tuple.getKeyNode(), "key '" + key + "' stands twice; remove one");
            }
        }
    }

    private <T> T value(String key, Function<String, T> parse, T otherwise) {
        Node node = values.get(key);
        if (node == null) {
            return otherwise;
        }
        if (node instanceof ScalarNode scalar) {
            try {
                return parse.apply(scalar.getValue());
            } catch (IllegalArgumentException e) {
                problem(
                        node,
                        "'" + key + "': " + e.getMessage() + ", for example " + KEYS.get(key));
                return otherwise;
            }
        }
        problem(node, "'" + key + "': expected a single value, for example " + KEYS.get(key));
        return otherwise;
    }

    private List<Path> paths(String key) {
        return list(key, "a file name", "a list of files, for example [service.json]").stream()
                .map(scalar -> base.resolve(scalar.getValue()))
                .toList();
    }

    private List<String> hosts(String key) {
        List<String> hosts = new ArrayList<>();
        for (ScalarNode item : list(key, "a host", "a list, for example " + KEYS.get(key))) {
            if (BYPASS.matcher(item.getValue()).matches()) {
                hosts.add(item.getValue());
            } else {
                problem(
                        item,
                        "'"
                                + key
                                + "': '"
                                + item.getValue()
                                + "' is neither a host, which stands for all below it, nor <local>");
            }
        }
        return hosts;
    }

    private List<ScalarNode> list(String key, String item, String whole) {
        Node node = values.get(key);
        List<ScalarNode> scalars = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node each : sequence.getValue()) {
                if (each instanceof ScalarNode scalar) {
                    scalars.add(scalar);
                } else {
                    problem(each, "'" + key + "': expected " + item);
                }
            }
        } else if (node != null) {
            problem(node, "'" + key + "': expected " + whole);
        }
        return scalars;
    }

    private void problem(Node at, String what) {
        int line = at.getStartMark().map(m -> m.getLine() + 1).orElse(1);
        problems.add(name + ":" + line + ": " + what);
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expected true or false");
        };
    }

    private static Optional<HostPort> optionalAddress(String text) {
        return text.equals("none") ? Optional.empty() : Optional.of(HostPort.parse(text));
    }

    /** {@code http://HOST:PORT}, a slash after it forgiven. */
    private static Optional<HostPort> proxy(String text) {
        if (text.equals("none")) {
            return Optional.empty();
        }
        if (text.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "a user and password are not supported (they would cross the network in clear);"
                            + " let the proxy take this machine without, and expected http://HOST:PORT");
        }
        if (!text.startsWith("http://")) {
            throw new IllegalArgumentException("expected http://HOST:PORT");
        }
        String authority = text.substring("http://".length());
        HostPort at =
                HostPort.parse(
                        authority.endsWith("/")
                                ? authority.substring(0, authority.length() - 1)
                                : authority);
        if (at.port() == 0 || !PROXY_HOST.matcher(at.host()).matches()) {
            throw new IllegalArgumentException("expected http://HOST:PORT, the port 1 … 65535");
        }
        return Optional.of(at);
    }

    private static boolean everyUser(String text) {
        return switch (text) {
            case "every-user" -> true;
            case "own-user" -> false;
            default -> throw new IllegalArgumentException("expected own-user or every-user");
        };
    }

    private static Duration duration(String text, int maxSeconds) {
        String digits = text.replaceAll("[a-z]+$", "");
        String unit = text.substring(digits.length());
        long n = number(digits, "expected a duration with its unit (ms, s, m)");
        Duration duration =
                switch (unit) {
                    case "ms" -> Duration.ofMillis(n);
                    case "s" -> Duration.ofSeconds(n);
                    case "m" -> Duration.ofMinutes(n);
                    default ->
                            throw new IllegalArgumentException(
                                    "expected a duration with its unit (ms, s, m)");
                };
        if (duration.isZero() || duration.compareTo(Duration.ofSeconds(maxSeconds)) > 0) {
            throw new IllegalArgumentException(
                    "expected more than 0 and at most " + maxSeconds + "s");
        }
        return duration;
    }

    private static int size(String text) {
        String digits = text.replaceAll("[A-Za-z]+$", "");
        long factor =
                switch (text.substring(digits.length())) {
                    case "B", "" -> 1;
                    case "KiB" -> 1L << 10;
                    case "MiB" -> 1L << 20;
                    default ->
                            throw new IllegalArgumentException("expected a size in B, KiB or MiB");
                };
        long size = number(digits, "expected a size in B, KiB or MiB") * factor;
        if (size < MIN_BODY || size > MAX_BODY) {
            throw new IllegalArgumentException("expected 64KiB to 64MiB");
        }
        return (int) size;
    }

    /** Digits without a sign, few enough that no unit overflows them. */
    private static long number(String digits, String otherwise) {
        if (!digits.matches("\\d{1,9}")) {
            throw new IllegalArgumentException(otherwise);
        }
        return Long.parseLong(digits);
    }

    private static String suggestion(String key) {
        return Suggestions.nearest(key, KEYS.keySet(), Math.max(2, key.length() / 3))
                .map(near -> ", did you mean '" + near + "'?")
                .orElseGet(() -> "; known keys: " + String.join(", ", KEYS.keySet()));
    }
}
