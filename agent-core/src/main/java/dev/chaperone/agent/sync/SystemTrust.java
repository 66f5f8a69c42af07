// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which roots the system's trust store holds, as far as it is a file of PEM: elsewhere nothing can
 * be told. Reads the file again when it changed. For one thread.
 */
public final class SystemTrust {
    private Set<X509Certificate> held = Set.of();
    private @Nullable FileTime read;

    /**
     * SHA-256 of those of the roots that the system trusts.
     *
     * @return null when it cannot be told
     */
    public @Nullable List<String> of(List<X509Certificate> roots) {
        Optional<Path> bundle = UpstreamTrust.systemBundle();
        if (bundle.isEmpty()) {
            return null;
        }
        try {
            FileTime changed = Files.getLastModifiedTime(bundle.get());
            if (!changed.equals(read)) {
                held =
                        new HashSet<>(
                                Pem.decodeAll(
                                        Files.readString(
                                                bundle.get(), StandardCharsets.ISO_8859_1)));
                read = changed;
            }
        } catch (IOException e) {
            return null;
        }
        return roots.stream().filter(held::contains).map(OrganisationRoot::fingerprint).toList();
    }
}
