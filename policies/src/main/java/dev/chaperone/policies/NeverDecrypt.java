// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The hosts that are never decrypted, whatever a policy says: sign-in, banking, health, unions,
 * public authorities and their like. Immutable and thread-safe.
 */
public final class NeverDecrypt {
    private static final Set<String> TOP_KEYS = DocumentReader.keys("version", "groups");
    private static final Set<String> GROUP_KEYS =
            DocumentReader.keys("id", "reason", "hosts", "labels");

    /** A host, or a suffix that covers its sub-domains too. */
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z0-9-]{2,63}");

    private static final Pattern LABEL = Pattern.compile("[a-z0-9-]{3,63}");

    private final Set<String> hosts = new HashSet<>();
    private final Set<String> suffixes = new HashSet<>();
    private final Set<String> labels = new HashSet<>();

    private NeverDecrypt() {}

    /** The list that ships with the product. */
    public static NeverDecrypt shipped() {
        return parse(PolicyDocument.resource("never-decrypt.yaml"), "never-decrypt.yaml");
    }

    /**
     * Parses a list.
     *
     * @param yaml UTF-8, in the form of {@code policies/never-decrypt.yaml}
     * @param sourceName names the document in errors
     * @throws PolicyFormatException naming line, key and remedy
     */
    public static NeverDecrypt parse(byte[] yaml, String sourceName) {
        Fields top = YamlTree.read(yaml, sourceName).only(TOP_KEYS);
        top.integer("version", 1, 1, 1);
        NeverDecrypt list = new NeverDecrypt();
        List<String> ids = new ArrayList<>();
        for (Fields group : top.maps("groups")) {
            group.only(GROUP_KEYS);
            String id = group.string("id", DocumentReader.ID, DocumentReader.ID_SHAPE);
            if (ids.contains(id)) {
                throw group.error(group.lineOf("id"), "the id '" + id + "' stands twice");
            }
            ids.add(id);
            group.string("reason");
            list.add(group);
        }
        return list;
    }

    private void add(Fields group) {
        for (String host : group.strings("hosts")) {
            if (!HOST.matcher(host).matches()) {
                throw group.error(
                        group.lineOf("hosts"),
                        "'hosts' holds what is no lower-case host name or '*.' suffix"
                                + Suggestions.quoted(host));
            }
            if (host.startsWith("*.")) {
                suffixes.add(host.substring(2));
            } else {
                hosts.add(host);
            }
        }
        for (String label : group.strings("labels")) {
            if (!LABEL.matcher(label).matches()) {
                throw group.error(
                        group.lineOf("labels"),
                        "'labels' holds what is no part of a host name between dots"
                                + Suggestions.quoted(label));
            }
            labels.add(label);
        }
    }

    /**
     * True if the host is never decrypted. {@code *.suffix} covers the suffix itself and everything
     * below it; a label covers every host that has it before its public part.
     *
     * @param host a DNS name in any letter case, with or without a final dot
     */
    public boolean covers(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (hosts.contains(name)) {
            return true;
        }
        for (int at = 0; at >= 0; at = next(name, at)) {
            if (suffixes.contains(name.substring(at))) {
                return true;
            }
            int end = name.indexOf('.', at);
            if (end > 0 && labels.contains(name.substring(at, end))) {
                return true;
            }
        }
        return false;
    }

    private static int next(String name, int at) {
        int dot = name.indexOf('.', at);
        return dot < 0 ? -1 : dot + 1;
    }
}
