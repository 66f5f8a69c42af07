// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.linux.BypassTable.Addresses;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code ProxyBypassList} of Chromium and its kin. Sources: Chromium's net/docs/proxy.md, "Proxy
 * bypass rules" and "Implicit bypass rules"; {@code net::ProxyBypassRules} and {@code
 * net::SchemeHostPortMatcherRule}, which are stricter than that page: entries end at {@code ,} and
 * {@code ;} only.
 */
final class ChromiumBypass {
    private static final String LOOPBACK = "<-loopback>";
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final int PORTS = 0xffff;

    private ChromiumBypass() {}

    static Bypass of(String list) {
        List<String> entries =
                Arrays.stream(list.split("[,;]"))
                        .map(e -> e.replaceAll("^[ \\t-\\r]+|[ \\t-\\r]+$", ""))
                        .filter(e -> !e.isEmpty())
                        .toList();
        int last = -1; // later ones beat it, earlier ones do not
        for (int i = 0; i < entries.size(); i++) {
            last = entries.get(i).equalsIgnoreCase(LOOPBACK) ? i : last;
        }
        Bypass bypass = new Bypass(implicit(), Addresses.BRACKETED, true);
        if (last < 0) {
            bypass.entries(entries, ChromiumBypass::rule);
        } else {
            bypass.entries(
                    entries.subList(0, last),
                    entries.subList(last + 1, entries.size()),
                    ChromiumBypass::rule);
        }
        return bypass;
    }

    /** What Chromium sends to no proxy: the machine's own names, loopback, link-local. */
    private static BypassTable implicit() {
        BypassTable local = new BypassTable(Addresses.NEVER, true);
        for (String name : List.of("localhost", "localhost.")) {
            local.domain(BypassTable.ANY, name);
        }
        IpBits.quad("127.0.0.0").ifPresent(n -> local.net(BypassTable.ANY, n, 8));
        IpBits.quad("169.254.0.0").ifPresent(n -> local.net(BypassTable.ANY, n, 16));
        IpBits.six("fe80::").ifPresent(n -> local.net(BypassTable.ANY, n, 10));
        IpBits.six("::1").ifPresent(n -> local.net(BypassTable.ANY, n, 128));
        return local;
    }

    private static boolean rule(String entry, BypassTable table) {
        if (entry.equalsIgnoreCase("<local>")) {
            table.plain();
            return true;
        }
        if (entry.equalsIgnoreCase(LOOPBACK)) {
            return true; // a later one says the same
        }
        int colons = entry.indexOf("://");
        String scheme = colons < 0 ? "" : entry.substring(0, colons);
        String rest = colons < 0 ? entry : entry.substring(colons + 3);
        if (colons == 0) {
            return false;
        }
        if (rest.indexOf('/') >= 0) {
            return block(rest, table);
        }
        scheme = scheme.toLowerCase(Locale.ROOT);
        return (colons < 0 || SCHEME.matcher(scheme).matches())
                && (address(scheme, rest, table) || pattern(scheme, rest, table));
    }

    /** Of any scheme: on its way to the network service Chromium loses a network's scheme. */
    private static boolean block(String rest, BypassTable table) {
        String[] parts = rest.split("/", -1);
        if (parts.length != 2 || !NUMBER.matcher(parts[1].strip()).matches()) {
            return false;
        }
        Optional<String> prefix = literal(parts[0].strip());
        int length = Integer.parseInt(parts[1].strip());
        if (prefix.isEmpty() || length >= prefix.get().length()) {
            return false;
        }
        table.net(BypassTable.ANY, prefix.get(), length);
        return true;
    }

    /** {@code ADDRESS[:PORT]}; port 0 is any. */
    private static boolean address(String scheme, String rest, BypassTable table) {
        int colon = rest.lastIndexOf(':');
        boolean port = colon > rest.lastIndexOf(']') && colon >= 0;
        String number = port ? rest.substring(colon + 1) : "0";
        String host = port ? rest.substring(0, colon) : rest;
        boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
        Optional<String> literal =
                bracketed
                        ? IpBits.six(host.substring(1, host.length() - 1))
                        : host.indexOf('@') < 0 ? literal(host) : Optional.empty();
        if (literal.isEmpty() || !isPort(number)) {
            return false;
        }
        int at = Integer.parseInt(number);
        table.address(BypassTable.scope(scheme, at == 0 ? -1 : at), literal.get());
        return true;
    }

    private static Optional<String> literal(String text) {
        return text.indexOf(':') >= 0
                ? IpBits.six(text)
                : IpBits.posix(text.endsWith(".") ? text.substring(0, text.length() - 1) : text);
    }

    private static boolean isPort(String text) {
        return NUMBER.matcher(text).matches() && Integer.parseInt(text) <= PORTS;
    }

    /** {@code PATTERN[:PORT]}; {@code .domain} is {@code *.domain}. */
    private static boolean pattern(String scheme, String rest, BypassTable table) {
        int colon = rest.lastIndexOf(':');
        String number = rest.substring(colon + 1);
        String text = (colon < 0 ? rest : rest.substring(0, colon)).toLowerCase(Locale.ROOT);
        if (colon >= 0 && !isPort(number) || text.isEmpty()) {
            return false;
        }
        String scope = BypassTable.scope(scheme, colon < 0 ? -1 : Integer.parseInt(number));
        String pattern = text.startsWith(".") ? "*" + text : text;
        String literal = pattern.startsWith("*.") ? pattern.substring(1) : pattern;
        if (literal.chars().anyMatch(c -> "*?\\".indexOf(c) >= 0)) {
            table.glob(scope, pattern);
        } else if (pattern.startsWith("*")) {
            table.tail(scope, literal);
        } else if (literal.indexOf(' ') >= 0) {
            return false;
        } else {
            table.name(scope, literal);
        }
        return true;
    }
}
