// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.trust.Variables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The variables that make command-line clients use the proxy and trust it, over a person's own:
 * theirs are merged, and kept beside ours so that they come back. What adds to a client's store
 * gets our root; what replaces it gets the system's certificates, or the person's own bundle, with
 * our root behind, so that everything that is not opened is still verified.
 *
 * <p>Package managers get nothing of their own ({@code PIP_CERT}, npm's {@code cafile}): registries
 * are never opened, and a bundle would beat the one in their settings.
 */
final class ClientEnvironment {
    /** Added to the certificates that the client brings along. */
    private static final List<String> ADDING = List.of("NODE_EXTRA_CA_CERTS", "DENO_CERT");

    /**
     * In place of the client's store: OpenSSL, Go, Rust, httpx, Claude Code; curl; requests; git;
     * AWS; gRPC; cargo; Nix; Google Cloud; httplib2; Codex.
     */
    private static final List<String> REPLACING =
            List.of(
                    "SSL_CERT_FILE",
                    "CURL_CA_BUNDLE",
                    "REQUESTS_CA_BUNDLE",
                    "GIT_SSL_CAINFO",
                    "AWS_CA_BUNDLE",
                    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                    "CARGO_HTTP_CAINFO",
                    "NIX_SSL_CERT_FILE",
                    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
                    "HTTPLIB2_CA_CERTS",
                    "CODEX_CA_CERTIFICATE");

    private static final List<String> LOCAL = List.of("localhost", "127.0.0.1", "::1");

    private ClientEnvironment() {}

    /**
     * Makes the bundles and names what to set.
     *
     * @param address HOST:PORT of the proxy
     * @param own the environment without ours ({@link Variables#withoutOurs})
     * @return names and values, with the means to take them back
     */
    static Map<String, String> of(String address, ClientBundles bundles, Map<String, String> own)
            throws IOException {
        Map<String, String> ours = new LinkedHashMap<>();
        String proxy = "http://" + address;
        ours.put("HTTPS_PROXY", proxy);
        ours.put("https_proxy", proxy);
        String direct = direct(own);
        ours.put("NO_PROXY", direct);
        ours.put("no_proxy", direct);
        ours.put("NODE_USE_ENV_PROXY", "1"); // Node 24 and newer
        for (String name : ADDING) {
            ours.put(name, bundles.adding(file(own, name)).toString());
        }
        for (String name : REPLACING) {
            ours.put(name, bundles.replacing(file(own, name)).toString());
        }
        ours.put("SYSTEM_WGETRC", bundles.wgetrc(file(own, "SYSTEM_WGETRC")).toString());
        ours.put("JAVA_TOOL_OPTIONS", JavaOptions.merged(own, address, bundles));
        return Variables.over(own, ours);
    }

    /** A proxy of the person's own, which ours stands in for as long; empty when there is none. */
    static Optional<String> replacedProxy(Map<String, String> own) {
        return Stream.of("HTTPS_PROXY", "https_proxy")
                .map(own::get)
                .filter(v -> v != null && !v.isBlank())
                .findFirst();
    }

    private static String direct(Map<String, String> own) {
        List<String> names = new ArrayList<>();
        for (String variable : List.of("NO_PROXY", "no_proxy")) {
            for (String name : own.getOrDefault(variable, "").split("[,\\s]+", -1)) {
                if (!name.isBlank() && !names.contains(name)) {
                    names.add(name);
                }
            }
        }
        LOCAL.stream().filter(n -> !names.contains(n)).forEach(names::add);
        return String.join(",", names);
    }

    private static Optional<Path> file(Map<String, String> own, String name) {
        return Optional.ofNullable(own.get(name)).filter(v -> !v.isBlank()).map(Path::of);
    }
}
