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

/**
 * The roots as a file that everybody reads: browsers' policies name it, and {@code chaperone exec}
 * and {@code env} hand it to programs. It stands also where the system's store takes none.
 */
public final class PublicRoots implements Step {
    @Override
    public String name() {
        return "public-roots";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        StringBuilder all = new StringBuilder();
        for (X509Certificate root : settings.roots()) {
            all.append(Roots.pem(root));
        }
        changes.write(Machine.PUBLIC_ROOT, all.toString().getBytes(StandardCharsets.US_ASCII));
        return Machine.PUBLIC_ROOT;
    }
}
