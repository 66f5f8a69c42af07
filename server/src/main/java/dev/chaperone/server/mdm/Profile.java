// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * A configuration profile of macOS. Identifiers and UUIDs follow from the profile's name and the
 * server, so that a later kit updates what an earlier one installed. Source: Apple, device
 * management: TopLevel, CommonPayloadKeys.
 */
final class Profile {
    private static final String PREFIX = "dev.chaperone.mdm.";

    private final String name;
    private final String title;
    private final String fleet;
    private final List<Map<String, Object>> payloads = new ArrayList<>();

    /**
     * @param name letters; of the file and the identifier
     * @param title what people see
     * @param fleet what tells one server's profiles from another's
     */
    Profile(String name, String title, String fleet) {
        this.name = name;
        this.title = title;
        this.fleet = fleet;
    }

    String name() {
        return name;
    }

    String fileName() {
        return "chaperone-" + name + ".mobileconfig";
    }

    /**
     * Adds a payload.
     *
     * @param type of Apple's, or a preference domain that an application reads
     * @param part what tells it from the profile's others
     */
    Profile with(String type, String part, String display, Map<String, Object> content) {
        Map<String, Object> payload = head(type, name + "." + part, display);
        payload.putAll(content);
        payloads.add(payload);
        return this;
    }

    String xml() {
        Map<String, Object> profile = head("Configuration", name, title);
        profile.put("PayloadOrganization", "Chaperone");
        profile.put("PayloadScope", "System");
        profile.put("PayloadContent", payloads);
        return Plist.xml(profile);
    }

    private Map<String, Object> head(String type, String identifier, String display) {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("PayloadType", type);
        head.put("PayloadVersion", 1);
        head.put("PayloadIdentifier", PREFIX + identifier);
        head.put("PayloadUUID", uuid(PREFIX + identifier));
        head.put("PayloadDisplayName", display);
        return head;
    }

    private String uuid(String identifier) {
        return UUID.nameUUIDFromBytes((fleet + "\n" + identifier).getBytes(StandardCharsets.UTF_8))
                .toString()
                .toUpperCase(Locale.ROOT);
    }
}
