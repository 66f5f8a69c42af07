// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.installer.linux.ChromiumPolicies;
import dev.chaperone.installer.linux.FirefoxPolicies;
import dev.chaperone.installer.linux.JavaKeystores;
import dev.chaperone.installer.linux.NssDatabases;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.pki.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Whether each trust store really holds the present roots: certificates are compared, no names. One
 * condition a store.
 */
final class StoreChecks {
    private static final char[] CUSTOMARY = "changeit".toCharArray();

    /** A line of {@code certutil -L}: nickname and trust of web sites, e-mail, code. */
    private static final Pattern TRUSTED = Pattern.compile("(\\S.*?)\\s+(\\w*C\\w*),\\w*,\\w*\\s*");

    /** What a person imported is looked through up to here. */
    private static final int MOST_NICKNAMES = 50;

    private final Scope scope;
    private final CheckList checks;

    private StoreChecks(Scope scope, String language) {
        this.scope = scope;
        this.checks = new CheckList("machine", language);
    }

    static List<Check> examine(Scope scope, String language) {
        StoreChecks all = new StoreChecks(scope, language);
        if (scope.roots().isEmpty()) {
            return List.of(); // that there is no root is said by another condition
        }
        all.published();
        all.system();
        all.keystores();
        all.firefox();
        all.chromium();
        all.people();
        return all.checks.all();
    }

    /** People's databases alone. */
    static List<Check> ofPeople(Scope scope, String language) {
        StoreChecks all = new StoreChecks(scope, language);
        if (!scope.roots().isEmpty()) {
            all.people();
        }
        return all.checks.all();
    }

    private String remedyKey(String key) {
        return scope.asRoot() || scope.people().isEmpty() ? key : key + ".person";
    }

    private void compare(String name, Collection<? extends Certificate> held, String where) {
        List<String> missing =
                scope.roots().stream()
                        .filter(r -> !held.contains(r))
                        .map(r -> r.getSubjectX500Principal().getName())
                        .toList();
        if (missing.isEmpty()) {
            checks.ok(name, "store.holds", where);
        } else {
            checks.bad(name, remedyKey("store.lacks"), where, String.join("; ", missing));
        }
        checks.evidence(where);
    }

    /** The file that programs are pointed at. */
    private void published() {
        String file = InstalledService.PUBLIC_CA.toString();
        compare("ca-store:public", MachineChecks.certificates(scope.machine().path(file)), file);
    }

    private void system() {
        Optional<Path> bundle =
                UpstreamTrust.systemBundle()
                        .map(b -> scope.machine().path(b.toString()))
                        .filter(Files::isReadable);
        if (bundle.isEmpty()) {
            checks.bad("ca-store:system", "store.system.none");
            checks.evidence("none of the places where systems keep it is readable");
        } else {
            compare(
                    "ca-store:system",
                    MachineChecks.certificates(bundle.get()),
                    bundle.get().toString());
        }
    }

    private void keystores() {
        try {
            for (String file : JavaKeystores.keystores(scope.machine())) {
                Path path = scope.machine().path(file);
                Optional<List<X509Certificate>> held = keystore(path);
                if (held.isPresent()
                        && (held.get().containsAll(scope.roots())
                                || scope.machine().isOutOfOthersReach(file))) {
                    compare("ca-store:java:" + file, held.get(), file);
                } else if (held.isPresent()) {
                    checks.note("ca-store:java:" + file, "store.others", file);
                    checks.evidence(file);
                } else {
                    checks.note("ca-store:java:" + file, "store.unreadable", file);
                    checks.evidence(file);
                }
            }
        } catch (IOException e) {
            checks.note("ca-store:java", "store.unreadable", "/usr/lib/jvm");
            checks.evidence("/usr/lib/jvm: " + e.getClass().getSimpleName());
        }
    }

    /** Without a password first, as JDKs from 18 on write them; then with the customary one. */
    private static Optional<List<X509Certificate>> keystore(Path file) {
        try {
            byte[] content = Files.readAllBytes(file);
            for (char[] password : new char[][] {null, CUSTOMARY}) {
                for (String type : List.of("PKCS12", "JKS")) {
                    Optional<List<X509Certificate>> held = load(type, content, password);
                    if (held.isPresent()) {
                        return held;
                    }
                }
            }
        } catch (IOException e) {
            // Not readable for whoever asks.
        }
        return Optional.empty();
    }

    private static Optional<List<X509Certificate>> load(
            String type, byte[] content, char @org.jspecify.annotations.Nullable [] password) {
        try {
            KeyStore store = KeyStore.getInstance(type);
            store.load(new ByteArrayInputStream(content), password);
            List<X509Certificate> held = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.getCertificate(alias) instanceof X509Certificate certificate) {
                    held.add(certificate);
                }
            }
            return held.isEmpty() ? Optional.empty() : Optional.of(held);
        } catch (GeneralSecurityException | IOException e) {
            return Optional.empty();
        }
    }

    /** Firefox takes the roots from the files that its policies name. */
    private void firefox() {
        JsonNode policies = PolicyFile.read(scope.machine().path(FirefoxPolicies.FILE));
        List<X509Certificate> held = new ArrayList<>();
        for (JsonNode file : policies.path("policies").path("Certificates").path("Install")) {
            String name = file.asString("");
            if (name.startsWith("/")) {
                held.addAll(MachineChecks.certificates(scope.machine().path(name)));
            }
        }
        compare("ca-store:firefox-policy", held, FirefoxPolicies.FILE);
    }

    private void chromium() {
        for (String folder : ChromiumPolicies.FOLDERS) {
            String file = folder + "/policies/managed/" + ChromiumPolicies.FILE;
            List<X509Certificate> held = new ArrayList<>();
            for (JsonNode root :
                    PolicyFile.read(scope.machine().path(file)).path("CACertificates")) {
                held.addAll(decoded(root.asString("")));
            }
            compare("ca-store:chromium-policy:" + Path.of(folder).getFileName(), held, file);
        }
    }

    private static List<X509Certificate> decoded(String base64) {
        try {
            byte[] der = Base64.getDecoder().decode(base64);
            return Pem.decodeAll(
                    "-----BEGIN CERTIFICATE-----\n"
                            + Base64.getMimeEncoder().encodeToString(der)
                            + "\n-----END CERTIFICATE-----\n");
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private void people() {
        for (UserAccount person : scope.people()) {
            try {
                for (String folder : NssDatabases.databases(scope.machine(), person)) {
                    nss(person, scope.machine().path(folder).toString());
                }
            } catch (IOException e) {
                checks.note("ca-store:nss:" + person.home(), "store.unreadable", person.home());
                checks.evidence(person.home() + ": " + e.getClass().getSimpleName());
            }
        }
    }

    private void nss(UserAccount person, String folder) {
        String name = "ca-store:nss:" + folder;
        Commands.Ended listed = certutil(person, folder, List.of("-L"));
        if (listed.status() == Commands.NOT_FOUND) {
            checks.note(name, "store.nss.tool", folder);
            checks.evidence(folder + ": certutil -L ended " + listed.status());
            return;
        }
        if (!listed.ok()) {
            checks.note(name, "store.unreadable", folder);
            checks.evidence(folder + ": certutil -L ended " + listed.status());
            return;
        }
        List<X509Certificate> held = new ArrayList<>();
        listed.output()
                .lines()
                .map(TRUSTED::matcher)
                .filter(Matcher::matches)
                .limit(MOST_NICKNAMES)
                .map(m -> certutil(person, folder, List.of("-L", "-a", "-n", m.group(1))))
                .filter(Commands.Ended::ok)
                .forEach(e -> held.addAll(pem(e.output())));
        compare(name, held, folder);
    }

    private static List<X509Certificate> pem(String text) {
        try {
            return Pem.decodeAll(text);
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private Commands.Ended certutil(UserAccount person, String folder, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("certutil", "-d", "sql:" + folder));
        command.addAll(arguments);
        return scope.asRoot()
                ? scope.machine().commands().runAs(person, command)
                : scope.machine().commands().run(command);
    }
}
