// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: version, commit and JDK. */
public final class Version implements IVersionProvider {
    /** The version alone, or {@code unknown}. */
    public static String number() {
        try {
            return build().getProperty("version", "unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** A package's version is that of its launcher: it may be packed again without being built. */
    private static Properties build() throws IOException {
        Properties build = new Properties();
        try (InputStream in =
                Version.class.getResourceAsStream("/dev/chaperone/agent/build.properties")) {
            if (in != null) {
                build.load(in);
            }
        }
        String packaged = System.getProperty("jpackage.app-version");
        if (packaged != null) {
            build.setProperty("version", packaged);
        }
        return build;
    }

    @Override
    public String[] getVersion() throws IOException {
        Properties build = build();
        return new String[] {
            "chaperone "
                    + build.getProperty("version", "unknown")
                    + " ("
                    + build.getProperty("commit", "unknown")
                    + "), JDK "
                    + Runtime.version()
        };
    }
}
