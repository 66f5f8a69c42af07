// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The packages of Windows and macOS, told by where they put the agent's data (installer/windows,
 * installer/macos).
 */
public enum DesktopPackage {
    /** The MSI: service {@code ChaperoneService}. */
    MSI,
    /** The PKG: launchd's job {@code dev.chaperone.agent}. */
    PKG;

    private static final Path PKG_DATA = Path.of("/Library/Application Support/Chaperone/data");

    /**
     * The package whose data a folder is on this machine; empty for every other folder and system.
     *
     * @param folder need not be there
     */
    public static Optional<DesktopPackage> owning(Path folder) {
        String programData = System.getenv("ProgramData");
        return owning(
                folder,
                System.getProperty("os.name", ""),
                programData == null ? "C:\\ProgramData" : programData);
    }

    /**
     * The same on another system.
     *
     * @param system Java's {@code os.name}
     * @param programData Windows' folder for the data of all users
     */
    static Optional<DesktopPackage> owning(Path folder, String system, String programData) {
        if (system.startsWith("Windows")) {
            Path data = Path.of(programData).resolve("Chaperone").resolve("data");
            return InstalledService.same(folder, data) ? Optional.of(MSI) : Optional.empty();
        }
        return system.startsWith("Mac") && InstalledService.same(folder, PKG_DATA)
                ? Optional.of(PKG)
                : Optional.empty();
    }
}
