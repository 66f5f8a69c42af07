// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Changes;
import dev.chaperone.installer.JsonKeys;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.StepException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Firefox's system-wide policies: the roots, the PAC address (not locked), no HTTP/3. The file is
 * shared with whoever else manages Firefox here. Source: Mozilla policy templates.
 */
public final class FirefoxPolicies implements Step {
    public static final String FILE = "/etc/firefox/policies/policies.json";

    @Override
    public String name() {
        return "firefox-policy";
    }

    @Override
    public String apply(Machine machine, MachineSettings settings, Changes changes)
            throws StepException, IOException {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ArrayNode roots = json.arrayNode();
        others(machine, changes).forEach(roots::add);
        roots.add(Machine.PUBLIC_ROOT);
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put("/policies/Certificates/Install", roots);
        values.put("/policies/Proxy/Mode", json.stringNode("autoConfig"));
        values.put("/policies/Proxy/AutoConfigURL", json.stringNode(settings.pacUrl()));
        values.put("/policies/Proxy/Locked", json.booleanNode(false));
        values.put(
                "/policies/Preferences/network.http.http3.enable",
                json.objectNode().put("Value", false).put("Status", "locked"));
        changes.merge(FILE, new JsonKeys(FILE, values));
        return FILE;
    }

    /** Certificates that somebody else has Firefox install; the company's own root may be one. */
    private static List<JsonNode> others(Machine machine, Changes changes) throws IOException {
        if (!machine.exists(FILE)) {
            return List.of();
        }
        try {
            return JsonMapper.builder()
                    .build()
                    .readTree(changes.original(FILE))
                    .at("/policies/Certificates/Install")
                    .valueStream()
                    .filter(n -> !n.asString("").equals(Machine.PUBLIC_ROOT))
                    .toList();
        } catch (JacksonException e) {
            return List.of(); // said when our keys are to come into it
        }
    }
}
