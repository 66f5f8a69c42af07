// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rules of one bypass list, in the form that {@link Bypass}'s script looks them up in. Every rule
 * stands in a scope ({@link #scope}). Texts are lower case.
 */
final class BypassTable {
    /** What a list's patterns of names are held against when a host is an IP address. */
    enum Addresses {
        /** The address; an IPv6 one in brackets. */
        BRACKETED,
        /** The address as it is. */
        BARE,
        /** Nothing: names are no addresses. */
        NEVER
    }

    /** Any scheme, any port. */
    static final String ANY = scope("", -1);

    private final Addresses addresses;
    private final boolean mapped;
    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> domains = new LinkedHashSet<>();
    private final Set<String> tails = new LinkedHashSet<>();
    private final Set<String> nets = new LinkedHashSet<>();
    private final Set<Integer> lengths = new TreeSet<>();
    private final List<List<Object>> globs = new ArrayList<>();
    private boolean plain;
    private int size;

    /**
     * @param mapped whether an IPv4 address and the IPv6 one that holds it are one to a network
     */
    BypassTable(Addresses addresses, boolean mapped) {
        this.addresses = addresses;
        this.mapped = mapped;
    }

    /**
     * @param scheme lower case, or empty for any
     * @param port negative for any
     */
    static String scope(String scheme, int port) {
        return scheme + " " + (port < 0 ? "" : port) + " ";
    }

    /** This host. */
    void name(String scope, String name) {
        add(names, scope + name);
    }

    /** Hosts that end so. */
    void tail(String scope, String tail) {
        if (tail.startsWith(".")) {
            add(tails, scope + tail);
        } else {
            glob(scope, "*" + tail);
        }
    }

    /** This domain and the hosts in it. */
    void domain(String scope, String domain) {
        add(domains, scope + domain);
    }

    /** This IP address, as {@link IpBits} writes it, and not the one that it is mapped to. */
    void address(String scope, String bits) {
        add(names, scope + "=" + prefix(bits, bits.length() - 1));
    }

    /**
     * A network.
     *
     * @param length of its prefix in bits, at most those of the address
     */
    void net(String scope, String bits, int length) {
        add(nets, scope + prefix(bits, length));
        lengths.add(length);
    }

    /** Short: the family, its whole hexadecimal digits, then the bits that are left. */
    private static String prefix(String bits, int length) {
        StringBuilder prefix = new StringBuilder(bits.substring(0, 1));
        int i = 1;
        for (; i + 4 <= length + 1; i += 4) {
            prefix.append(Character.forDigit(Integer.parseInt(bits, i, i + 4, 2), 16));
        }
        return prefix.append('/').append(bits, i, length + 1).toString();
    }

    /** Hosts without a dot that are no IP address. */
    void plain() {
        plain = true;
    }

    /**
     * Hosts that a pattern matches: {@code *} any number of characters, {@code ?} at most one,
     * after {@code \} the character itself. Each piece takes the first place where it fits, as in
     * Chromium's {@code base::MatchPattern}: no pattern takes long, some match less than one would
     * think.
     */
    void glob(String scope, String pattern) {
        List<Object> parts = new ArrayList<>(List.of(scope, 0));
        StringBuilder piece = new StringBuilder();
        int i = 0;
        while (i < pattern.length()) {
            char c = pattern.charAt(i);
            if (c == '*' || c == '?') {
                int most = 0;
                boolean any = false;
                for (; i < pattern.length() && "*?".indexOf(pattern.charAt(i)) >= 0; i++) {
                    any |= pattern.charAt(i) == '*';
                    most++;
                }
                if (parts.size() > 2 || !piece.isEmpty()) {
                    parts.add(piece.toString());
                    parts.add(0);
                    piece.setLength(0);
                }
                parts.set(parts.size() - 1, any ? -1 : most);
            } else {
                i += c == '\\' ? 1 : 0;
                if (i < pattern.length()) {
                    piece.append(pattern.charAt(i));
                }
                i++;
            }
        }
        parts.add(piece.toString());
        globs.add(parts);
        size += pattern.length() * 6 + 20;
    }

    private void add(Set<String> keys, String key) {
        if (keys.add(key)) {
            // What JSON and '<' need at most.
            size +=
                    key.length()
                            + 5
                            + 5 * (int) key.chars().filter(c -> "\"\\<".indexOf(c) >= 0).count();
        }
    }

    /** Characters of the script that it takes, never less. */
    int size() {
        return size;
    }

    ObjectNode json() {
        ObjectNode table = JsonNodeFactory.instance.objectNode();
        table.put("addresses", addresses.name());
        table.put("mapped", mapped);
        table.put("plain", plain);
        table.set("names", keys(names));
        table.set("domains", keys(domains));
        table.set("tails", keys(tails));
        table.set("nets", keys(nets));
        ArrayNode widths = table.putArray("lengths");
        lengths.forEach(widths::add);
        ArrayNode patterns = table.putArray("globs");
        for (List<Object> glob : globs) {
            ArrayNode parts = patterns.addArray();
            glob.forEach(parts::addPOJO);
        }
        return table;
    }

    private static ObjectNode keys(Collection<String> keys) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        keys.forEach(k -> node.put(k, 1));
        return node;
    }
}
