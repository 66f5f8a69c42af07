// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.inspector.tls.UpstreamTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The variables that make command-line clients use the proxy and trust it. {@code
 * NODE_EXTRA_CA_CERTS} adds to Node's own store and gets our root alone; the others replace a store
 * and get the system's bundle with our root appended, so that everything that is not opened is
 * still verified.
 */
final class ClientEnvironment {
    private ClientEnvironment() {}

    /**
     * Makes the bundle and names the variables.
     *
     * @param address HOST:PORT of the proxy
     * @param caFile our root
     */
    static Map<String, String> of(String address, Path caFile) throws IOException {
        Path bundle = bundle(caFile);
        Map<String, String> variables = new LinkedHashMap<>();
        String proxy = "http://" + address;
        for (String name : new String[] {"HTTPS_PROXY", "https_proxy"}) {
            variables.put(name, proxy);
        }
        for (String name : new String[] {"NO_PROXY", "no_proxy"}) {
            variables.put(name, "localhost,127.0.0.1,::1");
        }
        variables.put("NODE_USE_ENV_PROXY", "1");
        variables.put("NODE_EXTRA_CA_CERTS", caFile.toString());
        for (String name :
                new String[] {
                    "SSL_CERT_FILE",
                    "CURL_CA_BUNDLE",
                    "REQUESTS_CA_BUNDLE",
                    "GIT_SSL_CAINFO",
                    "PIP_CERT",
                    "AWS_CA_BUNDLE"
                }) {
            variables.put(name, bundle.toString());
        }
        return variables;
    }

    private static Path bundle(Path caFile) throws IOException {
        Path bundle = caFile.resolveSibling("ca-bundle.pem");
        Optional<Path> system = UpstreamTrust.systemBundle();
        String all =
                (system.isPresent()
                                ? Files.readString(system.get(), StandardCharsets.ISO_8859_1)
                                : "")
                        + "\n# Chaperone\n"
                        + Files.readString(caFile, StandardCharsets.ISO_8859_1);
        if (!Files.exists(bundle)
                || !Files.readString(bundle, StandardCharsets.ISO_8859_1).equals(all)) {
            Path fresh = caFile.resolveSibling("ca-bundle.new");
            Files.writeString(fresh, all, StandardCharsets.ISO_8859_1);
            Files.move(
                    fresh,
                    bundle,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        return bundle;
    }
}
