// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Step;
import java.util.List;

/** What an installation sets up on Linux, in order: trust comes before traffic. */
public final class LinuxSteps {
    private LinuxSteps() {}

    /** All steps. */
    public static List<Step> all() {
        return List.of(
                new PublicRoots(),
                new SystemTrust(),
                new NssDatabases(),
                new JavaKeystores(),
                new ProxyChain(),
                new FirefoxPolicies(),
                new ChromiumPolicies(),
                new DconfProxy());
    }
}
