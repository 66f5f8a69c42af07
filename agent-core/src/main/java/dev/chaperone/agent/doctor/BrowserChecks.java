// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.linux.ChromiumPolicies;
import dev.chaperone.installer.linux.FirefoxPolicies;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Whether browsers and the desktop are sent to the agent by its PAC address, and by nothing else's,
 * and speak no QUIC past it.
 */
final class BrowserChecks {
    /** Policies of Chromium that say where its traffic goes (Chrome Enterprise policy list). */
    private static final List<String> PROXY_KEYS =
            List.of("ProxyMode", "ProxySettings", "ProxyPacUrl", "ProxyServer", "ProxyServerMode");

    /** A name in our PAC file. */
    static final Pattern HOST = Pattern.compile("\"[^\"]+\": 1");

    private static final int MILLIS = 2000;
    private static final int MOST_BYTES = 4 << 20;

    private static final String FOLDERS = String.join(", ", ChromiumPolicies.FOLDERS);

    private final Scope scope;
    private final CheckList checks;
    private final String url;
    private final HostPort proxy;

    private BrowserChecks(Scope scope, HostPort proxy, String language) {
        this.scope = scope;
        this.proxy = proxy;
        this.url = "http://" + proxy + "/proxy.pac";
        this.checks = new CheckList("machine", language);
    }

    /** Nothing where the service does not say where it listens: that is another condition. */
    static List<Check> examine(Scope scope, String language) {
        if (scope.proxy().isEmpty()) {
            return List.of();
        }
        BrowserChecks all = new BrowserChecks(scope, scope.proxy().get(), language);
        all.served();
        all.chromium();
        all.firefox();
        all.quic();
        return all.checks.all();
    }

    /** What a person's own desktop says; nothing where it says nothing. */
    static List<Check> ofPerson(Scope scope, String language) {
        if (scope.proxy().isEmpty()) {
            return List.of();
        }
        BrowserChecks all = new BrowserChecks(scope, scope.proxy().get(), language);
        all.desktop();
        return all.checks.all();
    }

    private void served() {
        String pac = fetch(proxy);
        long hosts = HOST.matcher(pac).results().count();
        if (hosts > 0 && pac.contains("PROXY " + proxy)) {
            checks.ok("pac", "pac.served", url, hosts);
        } else {
            checks.bad("pac", "pac.dead", url);
        }
        checks.evidence(url + ": " + hosts + " hosts");
    }

    /** The PAC file with its head; empty when nothing answers well. */
    static String fetch(HostPort proxy) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(proxy.host(), proxy.port()), MILLIS);
            socket.setSoTimeout(MILLIS);
            socket.getOutputStream()
                    .write(
                            "GET /proxy.pac HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(
                            socket.getInputStream().readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            return answer.startsWith("HTTP/1.1 200") ? answer : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** Files of a folder are merged in no promised order: another that names a proxy may win. */
    private void chromium() {
        List<String> unset = new ArrayList<>();
        List<String> foreign = new ArrayList<>();
        for (String folder : ChromiumPolicies.FOLDERS) {
            Path managed = scope.machine().path(folder + "/policies/managed");
            JsonNode ours = PolicyFile.read(managed.resolve(ChromiumPolicies.FILE));
            JsonNode settings = ours.path("ProxySettings");
            if (!settings.path("ProxyMode").asString("").equals("pac_script")
                    || !settings.path("ProxyPacUrl").asString("").equals(url)) {
                unset.add(folder + "/policies/managed/" + ChromiumPolicies.FILE);
            }
            others(managed).stream()
                    .filter(f -> overrides(PolicyFile.read(f)))
                    .forEach(f -> foreign.add(f.toString()));
        }
        said("pac:chromium", unset, foreign, "policies/managed/*.json of " + FOLDERS);
    }

    /** One that names our PAC, as the installation has it name, says the same. */
    private boolean overrides(JsonNode policy) {
        boolean namesAProxy = PROXY_KEYS.stream().anyMatch(policy::has);
        String pac =
                policy.path("ProxySettings")
                        .path("ProxyPacUrl")
                        .asString(policy.path("ProxyPacUrl").asString(""));
        return namesAProxy && !pac.equals(url);
    }

    private void firefox() {
        List<String> unset = new ArrayList<>();
        List<String> foreign = new ArrayList<>();
        JsonNode set = PolicyFile.read(scope.machine().path(FirefoxPolicies.FILE));
        JsonNode wanted = set.path("policies").path("Proxy");
        if (wanted.isMissingNode()) {
            unset.add(FirefoxPolicies.FILE);
        } else if (!wanted.path("Mode").asString("").equals("autoConfig")
                || !wanted.path("AutoConfigURL").asString("").equals(url)) {
            foreign.add(FirefoxPolicies.FILE);
        }
        said("pac:firefox", unset, foreign, FirefoxPolicies.FILE + ": Proxy");
    }

    private void said(String name, List<String> unset, List<String> foreign, String seen) {
        if (!foreign.isEmpty()) {
            checks.bad(name, "pac.foreign", String.join(", ", foreign));
        } else if (!unset.isEmpty()) {
            checks.bad(name, "pac.unset", String.join(", ", unset));
        } else {
            checks.ok(name, "pac.set", url);
        }
        checks.evidence(seen);
    }

    private static List<Path> others(Path managed) {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(managed)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(managed, "*.json")) {
                all.forEach(files::add);
            } catch (IOException e) {
                // Not readable for whoever asks: the browser of that person reads none either.
            }
        }
        files.removeIf(f -> f.endsWith(ChromiumPolicies.FILE));
        files.sort(null);
        return files;
    }

    private void quic() {
        List<String> open = new ArrayList<>();
        for (String folder : ChromiumPolicies.FOLDERS) {
            Path managed = scope.machine().path(folder + "/policies/managed");
            Path ours = managed.resolve(ChromiumPolicies.FILE);
            if (PolicyFile.read(ours).path("QuicAllowed").asBoolean(true)) {
                open.add(ours.toString());
            }
            others(managed).stream()
                    .filter(f -> PolicyFile.read(f).path("QuicAllowed").asBoolean(false))
                    .forEach(f -> open.add(f.toString()));
        }
        JsonNode http3 =
                PolicyFile.read(scope.machine().path(FirefoxPolicies.FILE))
                        .path("policies")
                        .path("Preferences")
                        .path("network.http.http3.enable");
        if (http3.path("Value").asBoolean(true)) {
            open.add(FirefoxPolicies.FILE);
        }
        if (open.isEmpty()) {
            checks.ok("quic", "quic.off");
        } else {
            checks.bad("quic", "quic.on", String.join(", ", open));
        }
        checks.evidence(
                "QuicAllowed in policies/managed/*.json of "
                        + FOLDERS
                        + "; network.http.http3.enable in "
                        + FirefoxPolicies.FILE);
    }

    /** GNOME's settings as this person's programs see them. */
    private void desktop() {
        if (!scope.machine().commands().installed("gsettings")) {
            return;
        }
        String mode = setting("mode");
        if (mode.isEmpty()) {
            return; // no such schema: no desktop that would ask
        }
        String pac = setting("autoconfig-url");
        String seen = "org.gnome.system.proxy mode=" + mode + " autoconfig-url=" + pac;
        if (mode.equals("auto") && pac.equals(url)) {
            checks.ok("pac:desktop", "pac.set", url);
        } else {
            checks.note("pac:desktop", "pac.desktop", mode);
        }
        checks.evidence(seen);
    }

    private String setting(String key) {
        Commands.Ended got =
                scope.machine()
                        .commands()
                        .run(List.of("gsettings", "get", "org.gnome.system.proxy", key));
        return got.ok() ? got.lastLine().replace("'", "") : "";
    }
}
