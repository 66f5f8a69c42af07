// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one browser reads from the registry on Windows, the same as the MSI sets. Sources: Chrome
 * Enterprise and Edge policy lists ({@code ProxySettings}, {@code QuicAllowed}), Mozilla policy
 * templates.
 *
 * @param name of the policy in ADMX
 * @param key the browser's own, below HKEY_LOCAL_MACHINE
 * @param values in the order in which they are written
 */
record BrowserPolicy(String name, String key, List<Value> values) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * One registry value.
     *
     * @param key below HKEY_LOCAL_MACHINE
     * @param data a {@link String} (REG_SZ) or an {@link Integer} (REG_DWORD)
     */
    record Value(String key, String name, Object data) {}

    static List<BrowserPolicy> all(URI pac) {
        return List.of(chrome(pac), firefox(pac), edge(pac));
    }

    static BrowserPolicy chrome(URI pac) {
        return chromium("Chrome", "Software\\Policies\\Google\\Chrome", pac);
    }

    static BrowserPolicy edge(URI pac) {
        return chromium("Edge", "Software\\Policies\\Microsoft\\Edge", pac);
    }

    /** QUIC would pass the proxy by. */
    private static BrowserPolicy chromium(String name, String key, URI pac) {
        String proxy =
                JSON.writeValueAsString(
                        new TreeMap<>(
                                Map.of("ProxyMode", "pac_script", "ProxyPacUrl", pac.toString())));
        return new BrowserPolicy(
                name,
                key,
                List.of(new Value(key, "ProxySettings", proxy), new Value(key, "QuicAllowed", 0)));
    }

    static BrowserPolicy firefox(URI pac) {
        String key = "Software\\Policies\\Mozilla\\Firefox";
        return new BrowserPolicy(
                "Firefox",
                key,
                List.of(
                        new Value(key + "\\Proxy", "Mode", "autoConfig"),
                        new Value(key + "\\Proxy", "AutoConfigURL", pac.toString()),
                        new Value(key + "\\Certificates", "ImportEnterpriseRoots", 1)));
    }
}
