// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Changes;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.Roots;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.StepException;
import dev.chaperone.installer.UserAccount;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * The roots in every user's NSS databases that there are: Chromium's, and each profile of Firefox,
 * also of their snaps and flatpaks. A database that is made later is found at the next start of the
 * machine; until then the browsers' policies carry the root.
 */
public final class NssDatabases implements Step {
    private static final List<String> SHARED =
            List.of(
                    ".pki/nssdb",
                    ".local/share/pki/nssdb",
                    ".var/app/org.chromium.Chromium/.pki/nssdb",
                    ".var/app/com.google.Chrome/.pki/nssdb");

    /** A folder for each revision, which a refresh copies. */
    private static final String SNAP = "snap/chromium";

    private static final List<String> PROFILES =
            List.of(
                    ".mozilla/firefox",
                    ".config/mozilla/firefox",
                    "snap/firefox/common/.mozilla/firefox",
                    ".var/app/org.mozilla.firefox/.mozilla/firefox");

    @Override
    public String name() {
        return "nss";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws IOException {
        int databases = 0;
        for (UserAccount user : machine.users()) {
            for (String folder : databases(machine, user)) {
                try {
                    for (X509Certificate root : settings.roots()) {
                        changes.nss(user, folder, Roots.name(root), root);
                    }
                    databases++;
                } catch (StepException e) {
                    // One locked database does not take the root out of the others.
                    changes.leftOut(String.valueOf(e.getMessage()));
                }
            }
        }
        return databases + " database(s) of users";
    }

    /** Also where Firefox imported the root for our policy, in profiles made since. */
    @Override
    public void claim(Machine machine, Changes changes) throws IOException {
        for (UserAccount user : machine.users()) {
            for (String folder : databases(machine, user)) {
                changes.claim(user, folder);
            }
        }
    }

    /** Folders of a user's databases that there are. */
    public static List<String> databases(Machine machine, UserAccount user) throws IOException {
        List<String> found = new ArrayList<>();
        for (String place : SHARED) {
            if (Files.isRegularFile(
                    machine.path(user.home().toString()).resolve(place).resolve("cert9.db"))) {
                found.add(user.home().resolve(place).toString());
            }
        }
        for (String place : PROFILES) {
            found.addAll(below(machine, user, place, ""));
        }
        found.addAll(below(machine, user, SNAP, ".pki/nssdb"));
        return found;
    }

    /** Databases at the same place below each folder of a folder; not by way of links. */
    private static List<String> below(
            Machine machine, UserAccount user, String place, String database) throws IOException {
        Path folder = machine.path(user.home().toString()).resolve(place);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> each = Files.newDirectoryStream(folder)) {
            for (Path one : each) {
                Path at = one.resolve(database);
                if (Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS)
                        && Files.isRegularFile(at.resolve("cert9.db"))) {
                    found.add(
                            user.home()
                                    .resolve(place)
                                    .resolve(folder.relativize(at).toString())
                                    .toString());
                }
            }
        }
        return found;
    }
}
