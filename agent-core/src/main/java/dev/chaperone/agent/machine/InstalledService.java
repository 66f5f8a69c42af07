// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import dev.chaperone.installer.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where an installed agent has its things (DESIGN §4.11), and whether this is one. */
public final class InstalledService {
    public static final Path CONFIG = Path.of("/etc/chaperone/config.yaml");

    /** Owned by the service's account, mode 0700. */
    public static final Path DATA = Path.of("/var/lib/chaperone");

    /** Owned by root, mode 0700: the service cannot forge what root will undo. */
    public static final Path UNDO_LEDGER = Path.of("/var/lib/chaperone-undo");

    /** What the running service says of itself to every user. */
    public static final Path PUBLIC_STATUS = Path.of("/run/chaperone/status");

    /** The roots that clients must trust, for every user. */
    public static final Path PUBLIC_CA = Path.of(Machine.PUBLIC_ROOT);

    /** Left by whoever deploys; used once by root and then removed. */
    public static final Path ENROLMENT_TOKEN = Path.of("/etc/chaperone/enrollment-token");

    public static final String ACCOUNT = "chaperone";

    private InstalledService() {}

    /**
     * Whether this program came by a package: its launcher says so, and the service's folder is
     * there.
     */
    public static boolean isInstalled() {
        return System.getProperty("jpackage.app-path") != null && Files.isDirectory(DATA);
    }

    /** Whether this process runs with root's rights. */
    public static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid
                    && uid == 0;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * Whether a data folder is the installed service's, by whatever name.
     *
     * @param folder need not be there
     */
    public static boolean owns(Path folder) {
        return same(folder, DATA);
    }

    static boolean same(Path one, Path other) {
        try {
            return one.toRealPath().equals(other.toRealPath());
        } catch (IOException e) {
            return one.toAbsolutePath()
                    .normalize()
                    .equals(other.toAbsolutePath().normalize()); // one of them is not there
        }
    }
}
