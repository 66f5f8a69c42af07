// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the machine is to be set to.
 *
 * @param roots the certificates that its clients must trust; two while a root is being rolled
 * @param pacUrl where the agent serves its proxy auto-configuration
 */
public record MachineSettings(List<X509Certificate> roots, String pacUrl) {
    public MachineSettings {
        roots = List.copyOf(roots);
    }
}
