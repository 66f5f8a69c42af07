// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** What {@code --version} prints. */
final class Version {
    private Version() {}

    /** Version, commit and JDK on one line. */
    static String line() {
        Properties build = new Properties();
        try (InputStream in =
                Version.class.getResourceAsStream("/dev/chaperone/ui/build.properties")) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException e) {
            build.clear(); // said as unknown
        }
        return "chaperone-ui "
                + build.getProperty("version", "unknown")
                + " ("
                + build.getProperty("commit", "unknown")
                + "), JDK "
                + Runtime.version();
    }
}
