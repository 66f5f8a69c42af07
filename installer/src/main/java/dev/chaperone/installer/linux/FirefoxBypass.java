// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.linux.BypassTable.Addresses;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code Passthrough} of Firefox's policy {@code Proxy}, which is its setting {@code
 * network.proxy.no_proxies_on}. Sources: Firefox administrator reference, "Proxy"; {@code
 * nsProtocolProxyService::LoadHostFilters} and {@code CanUseProxy}. {@code domain}, {@code .domain}
 * and {@code *.domain} all match what is in the domain, the first also the domain itself; other
 * asterisks are no wildcards; an IPv6 address stands in brackets; names never match addresses.
 */
final class FirefoxBypass {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final int FOUR = 32;
    private static final int SIX = 128;

    private FirefoxBypass() {}

    static Bypass of(String list) {
        Bypass bypass = new Bypass(loopback(), Addresses.NEVER, true);
        bypass.entries(
                Arrays.stream(list.split("[, \\t]+")).filter(e -> !e.isEmpty()).toList(),
                FirefoxBypass::rule);
        return bypass;
    }

    /** What Firefox sends to no proxy ({@code network.proxy.allow_hijacking_localhost}). */
    private static BypassTable loopback() {
        BypassTable local = new BypassTable(Addresses.NEVER, false);
        for (String name : List.of("localhost", "localhost.")) {
            local.domain(BypassTable.ANY, name);
        }
        IpBits.quad("127.0.0.0").ifPresent(n -> local.net(BypassTable.ANY, n, 8));
        IpBits.six("::1").ifPresent(n -> local.net(BypassTable.ANY, n, SIX));
        return local;
    }

    private record Parts(String host, String mask, String port) {}

    /** As Firefox cuts: each {@code :} outside brackets and each {@code /} begins anew. */
    private static Parts parts(String entry) {
        String host = "";
        String mask = "";
        String port = "";
        boolean brackets = false;
        boolean inMask = false;
        boolean inPort = false;
        int from = 0;
        for (int i = 0; i < entry.length(); i++) {
            char c = entry.charAt(i);
            if (c == '[') {
                brackets = true;
            } else if (c == ']') {
                brackets = false;
            } else if (c == ':' && !brackets || c == '/') {
                String text = entry.substring(from, i);
                if (c == ':' && inMask) {
                    mask = text;
                } else {
                    host = text;
                }
                inPort |= c == ':';
                inMask |= c == '/';
                from = i + 1;
            }
        }
        String text = entry.substring(from);
        if (inPort) {
            port = text;
        } else if (inMask) {
            mask = text;
        } else {
            host = text;
        }
        return new Parts(host, mask, port);
    }

    private static boolean rule(String entry, BypassTable table) {
        Parts parts = parts(entry);
        String host = parts.host().toLowerCase(Locale.ROOT);
        if (host.equals("<local>")) {
            table.plain();
            return true;
        }
        if (host.isEmpty() || !isNumber(parts.port()) || !isNumber(parts.mask())) {
            return false;
        }
        int port = parts.port().isEmpty() ? 0 : Integer.parseInt(parts.port()); // 0 is any
        String scope = BypassTable.scope("", port == 0 ? -1 : port);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        Optional<String> bits = IpBits.posix(bare).or(() -> IpBits.six(bare));
        if (bits.isPresent()) {
            return net(scope, bits.get(), parts.mask(), table);
        }
        String name = host.startsWith("*") ? host.substring(1) : host;
        if (name.isEmpty() || name.chars().anyMatch(c -> "*?[]<>\"\\".indexOf(c) >= 0)) {
            return false;
        }
        if (name.startsWith(".")) {
            table.tail(scope, name);
        } else {
            table.domain(scope, name);
        }
        return true;
    }

    /** Firefox keeps all of them as IPv6: an IPv4 address takes a mask over 32 as one of that. */
    private static boolean net(String scope, String bits, String mask, BypassTable table) {
        int length = mask.isEmpty() ? SIX : Integer.parseInt(mask);
        boolean four = bits.startsWith("4");
        if (length == 0 || length > SIX) {
            return false;
        }
        if (four && length <= FOUR) {
            table.net(scope, bits, length);
        } else {
            table.net(scope, four ? IpBits.mapped(bits) : bits, length);
        }
        return true;
    }

    private static boolean isNumber(String text) {
        return text.isEmpty() || NUMBER.matcher(text).matches();
    }
}
