// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.util.Locale;
import java.util.Optional;

/** How shells set a variable, with a value that may hold anything but a zero byte. */
public enum Shell {
    /** POSIX.1-2017 §2.2.2; bash, zsh, dash, ksh. */
    SH {
        @Override
        public String quote(String value) {
            return "'" + value.replace("'", "'\\''") + "'";
        }

        @Override
        public String export(String name, String value) {
            return "export " + name + "=" + quote(value);
        }

        @Override
        public String unset(String name) {
            return "unset " + name;
        }
    },

    /** fish: within single quotes a backslash escapes itself and the quote. */
    FISH {
        @Override
        public String quote(String value) {
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
        }

        @Override
        public String export(String name, String value) {
            return "set -gx " + name + " " + quote(value);
        }

        @Override
        public String unset(String name) {
            return "set -e " + name;
        }
    },

    /** PowerShell, about_Quoting_Rules: a doubled quote stands for one; typographic ones count. */
    POWERSHELL {
        @Override
        public String quote(String value) {
            return "'" + value.replaceAll("['\u2018\u2019\u201a\u201b]", "$0$0") + "'";
        }

        @Override
        public String export(String name, String value) {
            return "$env:" + name + " = " + quote(value);
        }

        @Override
        public String unset(String name) {
            return "Remove-Item -ErrorAction SilentlyContinue Env:" + name;
        }
    };

    /** A value that the shell takes as one word, as it is. */
    public abstract String quote(String value);

    public abstract String export(String name, String value);

    public abstract String unset(String name);

    /** By its name, as people write it. */
    public static Optional<Shell> named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "sh", "bash", "zsh", "dash", "ksh" -> Optional.of(SH);
            case "fish" -> Optional.of(FISH);
            case "powershell", "pwsh" -> Optional.of(POWERSHELL);
            default -> Optional.empty();
        };
    }
}
