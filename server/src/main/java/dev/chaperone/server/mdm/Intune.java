// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Device configurations of Intune, as Microsoft Graph takes them at {@code POST
 * /beta/deviceManagement/deviceConfigurations}. Source: Graph reference, the resource types named
 * here; Windows, "Win32 and Desktop Bridge app ADMX policy ingestion".
 */
final class Intune {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String POLICY = "./Device/Vendor/MSFT/Policy/";

    private final KitInput input;

    Intune(KitInput input) {
        this.input = input;
    }

    List<KitFile> windowsRoots(String folder) {
        return roots(
                folder,
                "windows81TrustedRootCertificate",
                Map.of("destinationStore", "computerCertStoreRoot"));
    }

    List<KitFile> macosRoots(String folder) {
        return roots(
                folder,
                "macOSTrustedRootCertificate",
                Map.of("deploymentChannel", "deviceChannel"));
    }

    private List<KitFile> roots(String folder, String type, Map<String, String> more) {
        List<KitFile> files = new ArrayList<>();
        for (RootCertificate root : RootCertificate.of(input)) {
            Map<String, Object> all = head(type, root.name(), "Trusts " + root.subject());
            all.put("trustedRootCertificate", root.base64());
            all.put("certFileName", root.fileName());
            all.putAll(more);
            files.add(file(folder + root.name() + ".json", all));
        }
        return files;
    }

    /**
     * Policies by ADMX ingestion. Edge in a file of its own: its key lies where Windows takes
     * ingested policies only since updates of 2019, and refuses the whole file otherwise.
     *
     * @param application names the ingested file and its area; letters
     */
    KitFile policies(String path, String application, List<BrowserPolicy> policies) {
        List<Map<String, String>> settings = new ArrayList<>();
        settings.add(
                setting(
                        "Templates",
                        "ConfigOperations/ADMXInstall/" + application + "/Policy/Browsers",
                        Admx.definitions(policies)));
        for (BrowserPolicy p : policies) {
            settings.add(
                    setting(
                            p.name(),
                            "Config/%s~Policy~%s/%s"
                                    .formatted(application, Admx.CATEGORY, p.name()),
                            "<enabled/>"));
        }
        Map<String, Object> all =
                head(
                        "windows10CustomConfiguration",
                        String.join(", ", policies.stream().map(BrowserPolicy::name).toList()),
                        "The agent's proxy auto-configuration, no QUIC");
        all.put("omaSettings", settings);
        return file(path, all);
    }

    private static Map<String, String> setting(String name, String uri, String value) {
        Map<String, String> setting = new LinkedHashMap<>();
        setting.put("@odata.type", "#microsoft.graph.omaSettingString");
        setting.put("displayName", name);
        setting.put("omaUri", POLICY + uri);
        setting.put("value", value);
        return setting;
    }

    /** A configuration profile of Apple's, carried by Intune. */
    KitFile profile(String path, Profile profile) {
        Map<String, Object> all =
                head("macOSCustomConfiguration", profile.name(), "The profile beside this file");
        all.put("payloadName", input.title(profile.name()));
        all.put("payloadFileName", profile.fileName());
        all.put(
                "payload",
                Base64.getEncoder().encodeToString(profile.xml().getBytes(StandardCharsets.UTF_8)));
        all.put("deploymentChannel", "deviceChannel");
        return file(path, all);
    }

    private Map<String, Object> head(String type, String what, String description) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("@odata.type", "#microsoft.graph." + type);
        all.put("displayName", input.title(what));
        all.put("description", description);
        return all;
    }

    private static KitFile file(String path, Map<String, Object> content) {
        return KitFile.text(
                path, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
    }
}
