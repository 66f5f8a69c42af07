// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.machine.DesktopPackage;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the packages set up on this machine, looked at as it is now: service, trust stores, proxy
 * settings of browsers and desktop. Whoever asks sees what they may read: root every user's
 * databases, a person their own, the service's account none.
 */
public final class MachineChecks {
    private MachineChecks() {}

    /**
     * What is looked at.
     *
     * @param machine this one, or a folder that stands for it
     * @param roots that clients must trust
     * @param proxy where the service listens; empty when it says nothing of itself
     * @param people whose databases and settings are looked at
     * @param asRoot whether other people's may be
     */
    record Scope(
            Machine machine,
            List<X509Certificate> roots,
            Optional<HostPort> proxy,
            List<UserAccount> people,
            boolean asRoot) {}

    /**
     * All conditions of an installed service's folder; none for another folder.
     *
     * @param roots what the folder's {@code ca.pem} holds, read with its owner's rights
     */
    static List<Check> examine(Path folder, List<X509Certificate> roots, String language) {
        Optional<DesktopPackage> desktop = DesktopPackage.owning(folder);
        if (desktop.isPresent()) {
            Scope scope = desktop(Machine.here(), folder);
            return desktop.get() == DesktopPackage.MSI
                    ? WindowsChecks.examine(scope, language)
                    : MacChecks.examine(scope, language);
        }
        if (!folder.equals(InstalledService.DATA) || !InstalledService.isInstalled()) {
            return List.of();
        }
        Machine machine = Machine.here();
        boolean root = InstalledService.isRoot();
        List<UserAccount> people = List.of();
        try {
            people = root ? machine.users() : List.of();
        } catch (IOException e) {
            // Nobody's then; the stores of the machine are looked at all the same.
        }
        Scope scope = scope(machine, roots, people, root);
        List<Check> all = new ArrayList<>(ServiceChecks.examine(scope, language));
        all.addAll(StoreChecks.examine(scope, language));
        all.addAll(BrowserChecks.examine(scope, language));
        return all;
    }

    /** What only the person who asks can see on a machine with the service. */
    public static List<Check> ofPerson(String language) {
        String home = System.getProperty("user.home", "");
        if (home.isEmpty()) {
            return List.of();
        }
        UserAccount person =
                new UserAccount(System.getProperty("user.name", ""), -1, Path.of(home));
        Scope scope =
                scope(
                        Machine.here(),
                        certificates(InstalledService.PUBLIC_CA),
                        List.of(person),
                        false);
        List<Check> all = new ArrayList<>(StoreChecks.ofPeople(scope, language));
        all.addAll(BrowserChecks.ofPerson(scope, language));
        return all;
    }

    /** The service seen from outside: for whom it does not answer. */
    public static List<Check> ofService(String language) {
        return ServiceChecks.examine(
                scope(Machine.here(), certificates(InstalledService.PUBLIC_CA), List.of(), false),
                language);
    }

    /** Windows and macOS show nothing to every user yet: the data folder itself says all. */
    private static Scope desktop(Machine machine, Path folder) {
        return new Scope(
                machine,
                certificates(folder.resolve("ca.pem")),
                RunningAgent.on(folder).map(a -> HostPort.parse(a.address())),
                List.of(),
                false);
    }

    private static Scope scope(
            Machine machine,
            List<X509Certificate> roots,
            List<UserAccount> people,
            boolean asRoot) {
        return new Scope(
                machine,
                roots,
                RunningAgent.service().map(a -> HostPort.parse(a.address())),
                people,
                asRoot);
    }

    /** What a file of PEM holds; nothing when it cannot be read. */
    static List<X509Certificate> certificates(Path pem) {
        try {
            return Files.isReadable(pem)
                    ? Pem.decodeAll(Files.readString(pem, StandardCharsets.ISO_8859_1))
                    : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
