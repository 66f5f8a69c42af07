// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.doctor.DesktopChecks.Managed;
import dev.chaperone.agent.doctor.DesktopChecks.Route;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.installer.Commands;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the MSI set up, by Windows' own programs: {@code sc.exe}, {@code certutil.exe}, {@code
 * reg.exe}. Their sentences are translated on a Windows of another language; only names, numbers
 * and constants are read. Sources: Microsoft, "sc query", "certutil", "reg query"; Chrome and Edge
 * policy lists; Mozilla policy templates.
 */
final class WindowsChecks {
    private static final String SERVICE = "ChaperoneService";
    private static final String START = "sc.exe start " + SERVICE + " (as administrator)";
    private static final String REPAIR = "msiexec /fa chaperone.msi, or the MDM kit's policies";

    /** ERROR_SERVICE_DOES_NOT_EXIST. */
    private static final int NO_SERVICE = 1060;

    /** CRYPT_E_NOT_FOUND. */
    private static final int NO_CERTIFICATE = 0x80092004;

    private static final Pattern STATE =
            Pattern.compile(
                    ":\\s*[1-7]\\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING"
                            + "|PAUSE_PENDING|PAUSED)\\b");

    private static final Pattern VALUE =
            Pattern.compile("\\s+(\\S.*?)\\s{4}(REG_[A-Z_]+)\\s{4}(.*)");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Scope scope;
    private final Commands commands;
    private final CheckList checks;

    private WindowsChecks(Scope scope, String language) {
        this.scope = scope;
        this.commands = scope.machine().commands();
        this.checks = new CheckList("desktop", language);
    }

    static List<Check> examine(Scope scope, String language) {
        WindowsChecks all = new WindowsChecks(scope, language);
        DesktopChecks.service(all.checks, scope, all.managed(), START);
        all.roots();
        all.firefoxRoots();
        all.checks.note("ca-store:others", "store.others");
        if (scope.proxy().isPresent()) {
            DesktopChecks.served(all.checks, scope, START);
            all.chromium("chrome", "Software\\Policies\\Google\\Chrome");
            all.chromium("edge", "Software\\Policies\\Microsoft\\Edge");
            all.firefox();
            all.checks.note("pac:windows", "pac.wininet", DesktopChecks.url(scope));
        }
        return all.checks.all();
    }

    private Managed managed() {
        Commands.Ended asked = commands.run(List.of("sc.exe", "query", SERVICE));
        if (asked.status() == NO_SERVICE) {
            return new Managed(Optional.of("not installed"), false, 1, "sc.exe query: 1060");
        }
        Optional<String> state =
                asked.ok() ? DesktopChecks.first(STATE, asked.output()) : Optional.empty();
        return new Managed(
                state,
                state.equals(Optional.of("RUNNING")),
                1,
                "sc.exe query " + SERVICE + ": " + state.orElse("status " + asked.status()));
    }

    /** The machine's store, which Windows' own programs, Chrome and Edge trust. */
    private void roots() {
        for (X509Certificate root : scope.roots()) {
            String thumbprint = thumbprint(root);
            Optional<Boolean> held = held("Root", thumbprint);
            DesktopChecks.root(
                    checks,
                    "LocalMachine\\Root",
                    root.getSubjectX500Principal().getName(),
                    held,
                    held.orElse(false)
                            ? held("Disallowed", thumbprint).map(distrusted -> !distrusted)
                            : Optional.of(false),
                    "certutil.exe -addstore -f Root ca.pem (as administrator), or IT ships it",
                    "certutil.exe -store Root " + thumbprint);
        }
    }

    /** Empty when it cannot be told. */
    private Optional<Boolean> held(String store, String thumbprint) {
        Commands.Ended asked = commands.run(List.of("certutil.exe", "-store", store, thumbprint));
        String shown = asked.output().replaceAll("\\s", "").toLowerCase(Locale.ROOT);
        if (asked.ok() && shown.contains("(sha1):")) {
            return Optional.of(shown.contains("(sha1):" + thumbprint)); // older ones write spaces
        }
        return asked.status() == NO_CERTIFICATE || shown.contains("0x80092004")
                ? Optional.of(false)
                : Optional.empty();
    }

    private static String thumbprint(X509Certificate root) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(root.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has SHA-1
        }
    }

    /** Firefox reads Windows' store when its policy says so. */
    private void firefoxRoots() {
        String key = "Software\\Policies\\Mozilla\\Firefox\\Certificates";
        Optional<ObjectNode> policy = values(key);
        if (policy.isEmpty()) {
            checks.note("ca-store:firefox-policy", "policy.untold", "HKLM\\" + key);
        } else if (policy.get().path("ImportEnterpriseRoots").asInt(0) == 1) {
            checks.ok("ca-store:firefox-policy", "store.imports");
        } else {
            checks.bad("ca-store:firefox-policy", "store.ignored", "HKLM\\" + key, REPAIR);
        }
        checks.evidence("reg.exe query HKLM\\" + key);
    }

    private void chromium(String browser, String key) {
        Optional<ObjectNode> read = values(key);
        if (read.isEmpty()) {
            checks.note("pac:" + browser, "policy.untold", "HKLM\\" + key);
            checks.evidence("reg.exe query HKLM\\" + key);
            checks.note("quic:" + browser, "policy.untold", "HKLM\\" + key);
            checks.evidence("reg.exe query HKLM\\" + key);
            return;
        }
        ObjectNode policy = read.get();
        if (policy.has("ProxySettings")) {
            policy.set(
                    "ProxySettings", DesktopChecks.json(policy.path("ProxySettings").asString("")));
        }
        said("pac:" + browser, DesktopChecks.chromium(policy, DesktopChecks.url(scope)), key);
        if (policy.path("QuicAllowed").asInt(1) == 0) {
            checks.ok("quic:" + browser, "quic.off");
        } else {
            checks.bad("quic:" + browser, "quic.on", "HKLM\\" + key, REPAIR);
        }
        checks.evidence("QuicAllowed=" + policy.path("QuicAllowed").asString("unset"));
    }

    private void firefox() {
        String key = "Software\\Policies\\Mozilla\\Firefox\\Proxy";
        Optional<ObjectNode> policy = values(key);
        if (policy.isEmpty()) {
            checks.note("pac:firefox", "policy.untold", "HKLM\\" + key);
            checks.evidence("reg.exe query HKLM\\" + key);
        } else {
            said("pac:firefox", DesktopChecks.firefox(policy.get(), DesktopChecks.url(scope)), key);
        }
    }

    private void said(String name, Route route, String key) {
        switch (route) {
            case OURS -> checks.ok(name, "pac.set", DesktopChecks.url(scope));
            case UNSET -> checks.bad(name, "pac.unset", "HKLM\\" + key, REPAIR);
            case FOREIGN -> checks.bad(name, "pac.foreign", "HKLM\\" + key);
        }
        checks.evidence("reg.exe query HKLM\\" + key + ": " + route);
    }

    /**
     * A key's values by name, numbers as numbers; none when the key is not there; empty when {@code
     * reg.exe} could not be asked.
     */
    private Optional<ObjectNode> values(String key) {
        Commands.Ended asked = commands.run(List.of("reg.exe", "query", "HKLM\\" + key));
        if (asked.status() != 0 && asked.status() != 1) { // 1: it is not there
            return Optional.empty();
        }
        ObjectNode all = JSON.createObjectNode();
        if (asked.ok()) {
            asked.output()
                    .lines()
                    .map(VALUE::matcher)
                    .filter(Matcher::matches)
                    .forEach(m -> {
                        if (m.group(2).equals("REG_DWORD")
                                && m.group(3).matches("0x[0-9a-fA-F]{1,8}")) {
                            all.put(m.group(1), Long.decode(m.group(3)));
                        } else {
                            all.put(m.group(1), m.group(3).strip());
                        }
                    });
        }
        return Optional.of(all);
    }
}
