// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Changes;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.Roots;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.StepException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Managed policies of Chromium and its kin: the PAC address, no QUIC (it would pass the proxy by),
 * the root ({@code CACertificates}). Sources: Chrome Enterprise policy list; "Linux policy quick
 * start" for the folders.
 */
public final class ChromiumPolicies implements Step {
    /** Where each of the kin reads its policies. */
    public static final List<String> FOLDERS =
            List.of(
                    "/etc/chromium",
                    "/etc/opt/chrome",
                    "/etc/opt/edge",
                    "/etc/brave",
                    "/etc/chromium-browser",
                    "/etc/opt/vivaldi");

    /** Our file in the folder {@code policies/managed} of each. */
    public static final String FILE = "chaperone.json";

    @Override
    public String name() {
        return "chromium-policy";
    }

    /**
     * A browser that is installed later must find its policy too: every folder is written, as
     * vendors' own packages do.
     */
    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        byte[] policy = policy(settings);
        for (String folder : FOLDERS) {
            changes.write(folder + "/policies/managed/" + FILE, policy);
        }
        return FOLDERS.size() + " browser folders";
    }

    private static byte[] policy(MachineSettings settings) throws StepException {
        JsonMapper json = JsonMapper.builder().build();
        ObjectNode policy = json.createObjectNode();
        ObjectNode proxy = policy.putObject("ProxySettings");
        proxy.put("ProxyMode", "pac_script");
        proxy.put("ProxyPacUrl", settings.pacUrl());
        policy.put("QuicAllowed", false);
        ArrayNode roots = policy.putArray("CACertificates");
        for (X509Certificate root : settings.roots()) {
            roots.add(Base64.getEncoder().encodeToString(Roots.der(root)));
        }
        return (json.writerWithDefaultPrettyPrinter().writeValueAsString(policy) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
