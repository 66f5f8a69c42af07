// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The folder decides, and the system that it is on. */
class DesktopPackageTest {
    private static final Path MAC = Path.of("/Library/Application Support/Chaperone/data");
    private static final Path WINDOWS = Path.of("/ProgramData/Chaperone/data");

    @Test
    void eachPackageIsToldByItsFolderOnItsSystem() {
        assertThat(DesktopPackage.owning(MAC, "Mac OS X", "")).contains(DesktopPackage.PKG);
        assertThat(DesktopPackage.owning(WINDOWS, "Windows 11", "/ProgramData"))
                .contains(DesktopPackage.MSI);
    }

    @Test
    void anotherFolderOrSystemIsNobodys() {
        assertThat(DesktopPackage.owning(MAC, "Linux", "")).isEmpty();
        assertThat(DesktopPackage.owning(Path.of("/tmp"), "Mac OS X", "")).isEmpty();
        assertThat(DesktopPackage.owning(MAC, "Windows 11", "/ProgramData")).isEmpty();
    }
}
