// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.Rules;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the running agent's way out leads anywhere: the company's proxy if it has one, and
 * whether it lacks one that the company's PAC file names. Opens one connection and sends nothing on
 * it but CONNECT.
 */
final class WayOutChecks {
    private static final String NAME = "upstream-proxy";
    private static final int MILLIS = 3000;
    private static final int PORT = 443;
    private static final int MOST_LINE = 256;
    private static final long MOST_PAC = 1 << 20;
    private static final Pattern PAC_PROXY = Pattern.compile("\\bPROXY\\s+([A-Za-z0-9._-]+:\\d+)");
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})\\b.*");

    private final CheckList checks;
    private final String service;
    private final int port;

    /**
     * @param service a host that the agent opens
     * @param port its port
     */
    WayOutChecks(CheckList checks, String service, int port) {
        this.checks = checks;
        this.service = service;
        this.port = port;
    }

    /** Nothing where neither the configuration nor a chained PAC file names a proxy. */
    static List<Check> examine(Optional<RunningAgent> running, String language) {
        Optional<String> proxy = running.flatMap(a -> property(a, "upstream-proxy"));
        Optional<String> named =
                running.flatMap(a -> property(a, "chained-pac")).flatMap(WayOutChecks::proxyOf);
        if (proxy.isEmpty() && named.isEmpty()) {
            return List.of();
        }
        Optional<String> service =
                Rules.shippedHosts().openPatterns().stream()
                        .filter(h -> !h.startsWith("*."))
                        .findFirst();
        if (service.isEmpty()) {
            return List.of();
        }
        return examine(proxy, named, service.get(), language);
    }

    /**
     * @param proxy HOST:PORT of the configuration
     * @param named HOST:PORT of the PAC file
     * @param service a host that the agent opens
     */
    static List<Check> examine(
            Optional<String> proxy, Optional<String> named, String service, String language) {
        CheckList checks = new CheckList("device", language);
        WayOutChecks all = new WayOutChecks(checks, service, PORT);
        if (proxy.isPresent()) {
            all.proxy(proxy.get());
        } else if (named.isPresent()) {
            all.direct(named.get());
        }
        return checks.all();
    }

    private static Optional<String> property(RunningAgent agent, String name) {
        return Optional.ofNullable(agent.properties().getProperty(name));
    }

    /** What its text says: the file is not evaluated. */
    static Optional<String> proxyOf(String pac) {
        try {
            Path file = Path.of(pac);
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_PAC) {
                return Optional.empty();
            }
            Matcher found = PAC_PROXY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            return found.find() ? Optional.of(found.group(1)) : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            return Optional.empty(); // the agent cannot read it either
        }
    }

    private void proxy(String at) {
        try (Socket socket = new Socket()) {
            HostPort proxy = HostPort.parse(at);
            socket.connect(new InetSocketAddress(proxy.host(), proxy.port()), MILLIS);
            answered(at, ask(socket));
        } catch (IOException | IllegalArgumentException e) {
            checks.bad(NAME, "wayout.dead", at);
            checks.evidence("connect " + at + ": " + e.getClass().getSimpleName());
        }
    }

    private String ask(Socket socket) {
        try {
            socket.setSoTimeout(MILLIS);
            String to = service + ":" + port;
            socket.getOutputStream()
                    .write(
                            ("CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            StringBuilder line = new StringBuilder();
            int b = socket.getInputStream().read();
            while (b >= 0 && b != '\n' && line.length() < MOST_LINE) {
                line.append((char) b);
                b = socket.getInputStream().read();
            }
            return line.toString().strip();
        } catch (IOException e) {
            return "";
        }
    }

    private void answered(String at, String line) {
        Matcher status = STATUS.matcher(line);
        if (!status.matches()) {
            checks.bad(NAME, "wayout.silent", at);
        } else if (status.group(1).startsWith("2")) {
            checks.ok(NAME, "wayout.ok", at);
        } else if (status.group(1).equals("407")) {
            checks.bad(NAME, "wayout.signin", at);
        } else {
            checks.bad(NAME, "wayout.refuses", at, status.group(1));
        }
        checks.evidence(
                "CONNECT "
                        + service
                        + ":"
                        + port
                        + " by "
                        + at
                        + ": "
                        + (status.matches() ? status.group(1) : "no HTTP answer"));
    }

    /** Without the proxy that the PAC file names. */
    void direct(String named) {
        String seen;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(service, port), MILLIS);
            checks.note(NAME, "wayout.pac", named);
            seen = "connected";
        } catch (IOException e) {
            seen = e.getClass().getSimpleName();
            if (reachable(named)) {
                checks.bad(NAME, "wayout.only", named);
            } else {
                checks.note(NAME, "wayout.neither", named); // no network: no word about settings
            }
        }
        checks.evidence("connect " + service + ":" + port + " without a proxy: " + seen);
    }

    private static boolean reachable(String at) {
        try (Socket socket = new Socket()) {
            HostPort proxy = HostPort.parse(at);
            socket.connect(new InetSocketAddress(proxy.host(), proxy.port()), MILLIS);
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false; // or a port that is none, in a file that is not ours
        }
    }
}
