// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.ServerCa;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Kits to look at. */
final class Kits {
    /** What a group's name must not be able to do in any format. */
    static final String HOSTILE =
            "R&D <b>\"x\"</b> 'y' \u2019; $(touch /tmp/pwned) `id` %PATH% \\ ]]> -- é 日本 \u0000\u0007\uD83D\uDE00";

    /** All that an address may hold. */
    static final URI HOSTILE_PAC =
            URI.create("http://127.0.0.1:8421/proxy.pac?a='b'&c=$(d);e=(f)!g~*,h%22");

    static final URI PAC = URI.create("http://127.0.0.1:8421/proxy.pac");

    /** Two as while a root is replaced. */
    static final List<X509Certificate> ROOTS =
            List.of(root("One & <only>"), root("The 'next' \"one\""));

    static final EnrolmentToken TOKEN =
            new EnrolmentToken(
                    URI.create("https://chaperone.example:8443"), "ab".repeat(32), "S".repeat(43));

    private Kits() {}

    private static X509Certificate root(String name) {
        return ServerCa.create(name, Instant.parse("2026-01-01T00:00:00Z")).certificate();
    }

    static KitInput input(@Nullable String group, URI pac) {
        return new KitInput(
                TOKEN, 20, Duration.ofDays(2), group, pac, ROOTS, EnumSet.allOf(Platform.class));
    }

    static Map<String, KitFile> files(KitInput input) {
        Map<String, KitFile> files = new LinkedHashMap<>();
        for (KitFile file : MdmKit.files(input)) {
            if (files.put(file.path(), file) != null) {
                throw new AssertionError(file.path() + " twice");
            }
        }
        return files;
    }

    static KitFile file(Map<String, KitFile> files, String path) {
        return java.util.Objects.requireNonNull(files.get(path), path);
    }

    static String text(KitFile file) {
        return new String(file.content(), StandardCharsets.UTF_8);
    }
}
