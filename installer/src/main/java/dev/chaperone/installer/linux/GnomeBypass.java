// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.linux.BypassTable.Addresses;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code ignore-hosts} of GNOME's {@code org.gnome.system.proxy}, as GIO's {@code
 * GSimpleProxyResolver} reads it, which glib-networking asks. Sources: its reference,
 * "ignore-hosts"; {@code gsimpleproxyresolver.c} and {@code GInetAddressMask}. {@code domain},
 * {@code .domain} and {@code *.domain} are one; other asterisks are no wildcards; nothing goes
 * direct that the list does not name. A port counts as the address has it: {@code GSocketClient}
 * always writes one, browsers leave out that of the scheme.
 */
final class GnomeBypass {
    /** What the schema holds where nobody set the key (gsettings-desktop-schemas). */
    private static final List<String> DEFAULT = List.of("localhost", "127.0.0.0/8", "::1");

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    private GnomeBypass() {}

    static Bypass byDefault() {
        return of(DEFAULT);
    }

    static Bypass of(List<String> hosts) {
        Bypass bypass = new Bypass(new BypassTable(Addresses.NEVER, false), Addresses.BARE, false);
        // GIO reads no name that follows an empty one.
        int end = 0;
        while (end < hosts.size() && !isEmptyName(hosts.get(end).stripTrailing())) {
            end++;
        }
        bypass.entries(hosts.subList(0, end), (e, t) -> rule(e.stripTrailing(), t));
        bypass.entries(hosts.subList(end, hosts.size()), (e, t) -> mask(e.stripTrailing(), t));
        return bypass;
    }

    private static boolean isEmptyName(String entry) {
        return List.of("", ".", "*.").contains(entry.replaceFirst(":\\d*$", ""));
    }

    private static boolean rule(String entry, BypassTable table) {
        if (mask(entry, table)) {
            return true;
        }
        String host = entry;
        String port = "";
        if (entry.startsWith("[")) {
            int end = entry.indexOf("]:");
            if (end < 0) {
                return false;
            }
            host = entry.substring(1, end);
            port = entry.substring(end + 2);
        } else if (entry.indexOf(':') >= 0 && entry.indexOf(':') == entry.lastIndexOf(':')) {
            host = entry.substring(0, entry.indexOf(':'));
            port = entry.substring(entry.indexOf(':') + 1);
        }
        if (!port.isEmpty() && !NUMBER.matcher(port).matches()) {
            return false;
        }
        int number = port.isEmpty() ? 0 : Integer.parseInt(port) & 0xffff; // 0 is any
        String name = host.toLowerCase(Locale.ROOT).replaceFirst("^(?:\\*\\.|\\.)", "");
        if (name.isEmpty() || name.chars().anyMatch(c -> " *?/<>\"\\".indexOf(c) >= 0)) {
            return false;
        }
        table.domain(BypassTable.scope("", number == 0 ? -1 : number), name);
        return true;
    }

    /** {@code ADDRESS[/LENGTH]}; bits after the prefix make it none. */
    private static boolean mask(String entry, BypassTable table) {
        int slash = entry.indexOf('/');
        String address = slash < 0 ? entry : entry.substring(0, slash);
        String number = slash < 0 ? "" : entry.substring(slash + 1);
        Optional<String> bits = IpBits.quad(address).or(() -> IpBits.six(address));
        if (bits.isEmpty() || slash >= 0 && !NUMBER.matcher(number).matches()) {
            return false;
        }
        int most = bits.get().length() - 1;
        int length = slash < 0 ? most : Integer.parseInt(number);
        if (length > most || bits.get().indexOf('1', length + 1) >= 0) {
            return false;
        }
        table.net(BypassTable.ANY, bits.get(), length);
        return true;
    }
}
