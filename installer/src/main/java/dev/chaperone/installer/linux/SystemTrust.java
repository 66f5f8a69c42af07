// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Changes;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.Roots;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.StepException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * The roots in the system's trust store, by the place and the program that each family of
 * distributions documents: update-ca-certificates(8), update-ca-trust(8), trust(1).
 */
public final class SystemTrust implements Step {
    /** A family's place for an administrator's certificates, and what makes the system read it. */
    private record Family(String folder, String suffix, List<String> refresh) {}

    /** {@code --fresh}: without it the links of a certificate that was removed stay. */
    private static final List<Family> FAMILIES =
            List.of(
                    new Family(
                            "/usr/local/share/ca-certificates",
                            ".crt",
                            List.of("update-ca-certificates", "--fresh")),
                    new Family(
                            "/etc/pki/ca-trust/source/anchors",
                            ".pem",
                            List.of("update-ca-trust", "extract")),
                    new Family("/etc/pki/trust/anchors", ".pem", List.of("update-ca-certificates")),
                    new Family(
                            "/etc/ca-certificates/trust-source/anchors",
                            ".crt",
                            List.of("update-ca-trust")));

    @Override
    public String name() {
        return "system-trust";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        Family family = family(machine);
        changes.refreshing(
                family.refresh(),
                () -> {
                    for (X509Certificate root : settings.roots()) {
                        changes.write(
                                family.folder() + "/" + Roots.name(root) + family.suffix(),
                                Roots.pem(root).getBytes(StandardCharsets.US_ASCII));
                    }
                });
        return family.folder();
    }

    private static Family family(Machine machine) throws StepException {
        for (Family family : FAMILIES) {
            String above = family.folder().substring(0, family.folder().lastIndexOf('/'));
            if (machine.exists(above)
                    && machine.commands().installed(family.refresh().getFirst())) {
                return family;
            }
        }
        throw new StepException(
                "no trust store of the system was found; install ca-certificates, then run 'chaperone machine repair'");
    }
}
