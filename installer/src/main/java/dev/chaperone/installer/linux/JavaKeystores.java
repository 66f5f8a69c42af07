// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Changes;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.Roots;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.StepException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * The roots in the {@code cacerts} of JDKs that carry their own. One that is a link to the system's
 * keystore gets them from the system's trust store.
 */
public final class JavaKeystores implements Step {
    private static final List<String> PLACES =
            List.of("/usr/lib/jvm", "/usr/java", "/opt/java", "/opt");

    private static final List<String> FILES =
            List.of("lib/security/cacerts", "jre/lib/security/cacerts");

    @Override
    public String name() {
        return "java";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        int done = 0;
        List<String> problems = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String keystore : keystores(machine)) {
            if (!machine.isOutOfOthersReach(keystore)) {
                others.add(keystore);
                continue;
            }
            try {
                for (X509Certificate root : settings.roots()) {
                    changes.keystore(keystore, Roots.name(root), root);
                }
                done++;
            } catch (StepException e) {
                problems.add(e.getMessage());
            }
        }
        return done
                + " JDK(s) with a keystore of their own"
                + (others.isEmpty()
                        ? ""
                        : "; left to their owners, who import "
                                + Machine.PUBLIC_ROOT
                                + " with keytool, since not root's alone: "
                                + String.join(", ", others))
                + (problems.isEmpty() ? "" : "; not done: " + String.join("; ", problems));
    }

    /** Keystores of JDKs that carry their own, sorted. */
    public static List<String> keystores(Machine machine) throws IOException {
        List<String> found = new ArrayList<>();
        for (String place : PLACES) {
            if (!Files.isDirectory(machine.path(place))) {
                continue;
            }
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(machine.path(place))) {
                for (Path home : homes) {
                    for (String file : FILES) {
                        boolean own =
                                !Files.isSymbolicLink(home)
                                        && Files.isRegularFile(
                                                home.resolve(file), LinkOption.NOFOLLOW_LINKS);
                        // Our own runtime trusts what the agent is told to trust.
                        if (own && !home.endsWith("chaperone")) {
                            found.add(place + "/" + home.getFileName() + "/" + file);
                        }
                    }
                }
            }
        }
        return found.stream().distinct().sorted().toList();
    }
}
