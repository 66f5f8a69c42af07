// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.doctor.DesktopChecks.Managed;
import dev.chaperone.agent.doctor.DesktopChecks.Route;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.installer.Commands;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * What the PKG and an MDM set up, by macOS' own programs: {@code launchctl}, {@code security},
 * {@code scutil}, {@code plutil}. Sources: their manual pages; Chrome, Edge and Firefox read
 * managed preferences of their own name.
 */
final class MacChecks {
    private static final String JOB = "system/dev.chaperone.agent";
    private static final String START = "sudo launchctl kickstart -k " + JOB;
    private static final String KEYCHAIN = "/Library/Keychains/System.keychain";
    private static final String MANAGED = "/Library/Managed Preferences/";
    private static final String DEPLOY = "deploy chaperone-browsers.mobileconfig of the MDM kit";

    /** launchctl: no such service in the domain. */
    private static final int NO_JOB = 113;

    /** security: errSecItemNotFound, the last byte of -25300. */
    private static final int NO_ITEM = 44;

    private static final Pattern STATE = Pattern.compile("(?m)^\\s*state = (.+)$");
    private static final Pattern RUNS = Pattern.compile("(?m)^\\s*runs = (\\d{1,6})\\s*$");
    private static final Pattern PAC_ON =
            Pattern.compile("(?m)^ {2}ProxyAutoConfigEnable : (\\d)\\s*$");
    private static final Pattern PAC_URL =
            Pattern.compile("(?m)^ {2}ProxyAutoConfigURLString : (\\S+)\\s*$");

    private final Scope scope;
    private final Commands commands;
    private final CheckList checks;

    private MacChecks(Scope scope, String language) {
        this.scope = scope;
        this.commands = scope.machine().commands();
        this.checks = new CheckList("desktop", language);
    }

    static List<Check> examine(Scope scope, String language) {
        MacChecks all = new MacChecks(scope, language);
        DesktopChecks.service(all.checks, scope, all.managed(), START);
        all.roots();
        all.firefoxRoots();
        all.checks.note("ca-store:others", "store.others");
        if (scope.proxy().isPresent()) {
            DesktopChecks.served(all.checks, scope, START);
            Optional<Route> system = all.system();
            all.chromium("chrome", "com.google.Chrome", system);
            all.chromium("edge", "com.microsoft.Edge", system);
            all.firefox(system);
        }
        return all.checks.all();
    }

    private Managed managed() {
        Commands.Ended asked = commands.run(List.of("launchctl", "print", JOB));
        if (asked.status() == NO_JOB) {
            return new Managed(Optional.of("not loaded"), false, 1, "launchctl print: 113");
        }
        Optional<String> state =
                asked.ok() ? DesktopChecks.first(STATE, asked.output()) : Optional.empty();
        int runs = DesktopChecks.first(RUNS, asked.output()).map(Integer::parseInt).orElse(1);
        return new Managed(
                state,
                state.equals(Optional.of("running")),
                runs,
                "launchctl print "
                        + JOB
                        + ": "
                        + state.map(s -> s + ", runs=" + runs).orElse("status " + asked.status()));
    }

    /** The System keychain and its trust, which Safari, Chrome and Edge go by. */
    private void roots() {
        for (X509Certificate root : scope.roots()) {
            Optional<Boolean> held = held(root);
            Optional<Boolean> trusted = held.orElse(false) ? trusted(root) : Optional.of(false);
            DesktopChecks.root(
                    checks,
                    KEYCHAIN,
                    root.getSubjectX500Principal().getName(),
                    held,
                    trusted,
                    "deploy chaperone-root.mobileconfig of the MDM kit",
                    "security find-certificate: "
                            + held.map(Object::toString).orElse("?")
                            + ", security verify-cert: "
                            + trusted.map(Object::toString).orElse("?"));
        }
    }

    /** Certificates are compared, no names; empty when it cannot be told. */
    private Optional<Boolean> held(X509Certificate root) {
        Commands.Ended found =
                commands.run(
                        List.of(
                                "security",
                                "find-certificate",
                                "-a",
                                "-c",
                                commonName(root),
                                "-p",
                                KEYCHAIN));
        if (found.status() == NO_ITEM) {
            return Optional.of(false);
        }
        if (!found.ok()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Pem.decodeAll(found.output()).contains(root));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String commonName(X509Certificate root) {
        try {
            return new LdapName(root.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(r -> r.getType().equalsIgnoreCase("CN"))
                            .map(r -> r.getValue().toString())
                            .findFirst()
                            .orElse("");
        } catch (InvalidNameException e) {
            return ""; // then all are listed
        }
    }

    /** {@code -l}: the certificate is an authority's; {@code -L}: without the network. */
    private Optional<Boolean> trusted(X509Certificate root) {
        Path file = null;
        try {
            file = Files.createTempFile("chaperone-root", ".pem");
            Files.writeString(file, Pem.encode(root), StandardCharsets.US_ASCII);
            Commands.Ended verified =
                    commands.run(
                            List.of(
                                    "security",
                                    "verify-cert",
                                    "-l",
                                    "-L",
                                    "-p",
                                    "basic",
                                    "-c",
                                    file.toString()));
            if (verified.ok()) {
                return Optional.of(true);
            }
            return verified.output().contains("CSSMERR_TP_")
                    ? Optional.of(false)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } finally {
            discard(file);
        }
    }

    private static void discard(@org.jspecify.annotations.Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A certificate, which is no secret, in the folder for temporary files.
        }
    }

    private void firefoxRoots() {
        Optional<JsonNode> policy = preferences("org.mozilla.firefox");
        if (policy.isEmpty()) {
            checks.note(
                    "ca-store:firefox-policy",
                    "policy.untold",
                    MANAGED + "org.mozilla.firefox.plist");
        } else if (policy.get().path("EnterprisePoliciesEnabled").asBoolean(false)
                && policy.get()
                        .path("Certificates")
                        .path("ImportEnterpriseRoots")
                        .asBoolean(false)) {
            checks.ok("ca-store:firefox-policy", "store.imports");
        } else {
            // Newer ones import by themselves, unless a person switched it off.
            checks.note("ca-store:firefox-policy", "store.perhaps", DEPLOY);
        }
        checks.evidence(MANAGED + "org.mozilla.firefox.plist");
    }

    /** The network service that is in use now; empty when it cannot be told. */
    private Optional<Route> system() {
        Commands.Ended asked = commands.run(List.of("scutil", "--proxy"));
        if (!asked.ok() || !asked.output().contains("<dictionary>")) {
            checks.note("pac:system", "pac.untold");
            checks.evidence("scutil --proxy: status " + asked.status());
            return Optional.empty();
        }
        boolean on = DesktopChecks.first(PAC_ON, asked.output()).equals(Optional.of("1"));
        String set = DesktopChecks.first(PAC_URL, asked.output()).orElse("");
        Route route;
        if (on && set.equals(url())) {
            route = Route.OURS;
            checks.ok("pac:system", "pac.set", url());
        } else if (on) {
            route = Route.FOREIGN;
            checks.bad("pac:system", "pac.foreign", set);
        } else {
            route = Route.UNSET;
            checks.bad(
                    "pac:system",
                    "pac.unset",
                    "scutil --proxy",
                    "sudo networksetup -setautoproxyurl SERVICE " + url());
        }
        checks.evidence("ProxyAutoConfigEnable=" + on + " ProxyAutoConfigURLString=" + set);
        return Optional.of(route);
    }

    private void chromium(String browser, String domain, Optional<Route> system) {
        Optional<JsonNode> policy = preferences(domain);
        said("pac:" + browser, domain, policy.map(p -> DesktopChecks.chromium(p, url())), system);
        if (policy.isEmpty()) {
            checks.note("quic:" + browser, "policy.untold", MANAGED + domain + ".plist");
        } else if (policy.get().path("QuicAllowed").asBoolean(true)) {
            checks.note("quic:" + browser, "quic.unsaid", DEPLOY);
        } else {
            checks.ok("quic:" + browser, "quic.off");
        }
        checks.evidence(MANAGED + domain + ".plist");
    }

    private void firefox(Optional<Route> system) {
        Optional<Route> own =
                preferences("org.mozilla.firefox")
                        .map(p ->
                                p.path("EnterprisePoliciesEnabled").asBoolean(false)
                                        ? DesktopChecks.firefox(p.path("Proxy"), url())
                                        : Route.UNSET);
        said("pac:firefox", "org.mozilla.firefox", own, system);
    }

    /** Without a policy of its own a browser goes by the system's setting. */
    private void said(String name, String domain, Optional<Route> own, Optional<Route> system) {
        String file = MANAGED + domain + ".plist";
        Optional<Route> inForce = own.equals(Optional.of(Route.UNSET)) ? system : own;
        if (inForce.isEmpty()) {
            checks.note(name, "policy.untold", file);
        } else {
            switch (inForce.get()) {
                case OURS -> checks.ok(name, "pac.set", url());
                case UNSET -> checks.bad(name, "pac.unset", file, DEPLOY);
                case FOREIGN -> checks.bad(name, "pac.foreign", file);
            }
        }
        checks.evidence(
                file
                        + ": "
                        + own.map(Object::toString).orElse("?")
                        + ", system: "
                        + system.map(Object::toString).orElse("?"));
    }

    /** What an MDM forces; nothing when there is no file; empty when it cannot be read. */
    private Optional<JsonNode> preferences(String domain) {
        String file = MANAGED + domain + ".plist";
        if (!scope.machine().exists(file)) {
            return Optional.of(MissingNode.getInstance());
        }
        Commands.Ended read =
                commands.run(
                        List.of(
                                "plutil",
                                "-convert",
                                "json",
                                "-o",
                                "-",
                                scope.machine().path(file).toString()));
        JsonNode policy = read.ok() ? DesktopChecks.json(read.output()) : MissingNode.getInstance();
        return policy.isObject() ? Optional.of(policy) : Optional.empty();
    }

    private String url() {
        return DesktopChecks.url(scope);
    }
}
