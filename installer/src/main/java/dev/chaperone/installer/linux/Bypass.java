// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.linux.BypassTable.Addresses;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What goes past a fixed proxy: the bypass list of a product, as a script for PAC files. The script
 * calls none of the functions that browsers give to PAC files: they differ from engine to engine
 * ({@code shExpMatch}), and some ask DNS for a name ({@code isInNet}). It is ECMAScript 3, for V8,
 * SpiderMonkey and Duktape alike. It defines {@code bypassed(url, host)} and what that needs; the
 * agent evaluates it in a function of its own, so that its names meet no others.
 */
final class Bypass {
    /**
     * Characters of rules. Chromium takes no PAC file over 1 MiB, and ours holds this one and the
     * hosts that are opened.
     */
    static final int MOST = 1 << 19;

    /** Of an entry. A host name has at most 253 (RFC 1035 §2.3.4). */
    private static final int LONGEST = 1024;

    private static final int SHOWN = 3;
    private static final int SHOWN_LENGTH = 60;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final String SCRIPT =
            """
            function bypassed(url, host) {
              var name = host.toLowerCase().replace(/^\\[|\\]$/g, "");
              var parts = /^([^:]*):\\/\\/(?:[^\\/?#]*@)?(?:\\[[^\\]]*\\]|[^:\\/?#]*)(?::(\\d+))?/.exec(url) || [];
              var scheme = (parts[1] || "").toLowerCase();
              var port = parts[2] ? +parts[2] : {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}[scheme];
              var scopes = ["  ", scheme + "  ", " " + port + " ", scheme + " " + port + " "];
              var bits = addressBits(name);
              if (ruled(after, scopes, name, bits)) return true;
              return ruled(local, scopes, name, bits) ? !localProxied : ruled(before, scopes, name, bits);
            }
            function ruled(table, scopes, name, bits) {
              var forms = [], prefixes = [], text = name, i, j;
              if (bits) {
                forms = [(bits.length == 32 ? "4" : "6") + bits];
                if (table.mapped && bits.length == 32) forms.push("6" + mappedBits + bits);
                if (table.mapped && bits.length == 128 && bits.substring(0, 96) == mappedBits) forms.push("4" + bits.substring(96));
                if (table.addresses == "BRACKETED" && bits.length == 128) text = "[" + name + "]";
                if (table.addresses == "NEVER") text = "";
                for (i = 0; i < forms.length; i++)
                  for (j = 0; j < table.lengths.length; j++)
                    if (table.lengths[j] < forms[i].length) prefixes.push(prefix(forms[i], table.lengths[j]));
              } else if (table.plain && name.indexOf(".") < 0) {
                return true;
              }
              for (i = 0; i < scopes.length; i++) {
                for (j = 0; j < prefixes.length; j++)
                  if (table.nets[scopes[i] + prefixes[j]] === 1) return true;
                if (bits && table.names[scopes[i] + "=" + prefix(forms[0], bits.length)] === 1) return true;
                if (!text) continue;
                if (table.names[scopes[i] + text] === 1 || table.domains[scopes[i] + text] === 1) return true;
                for (j = text.indexOf("."); j >= 0; j = text.indexOf(".", j + 1))
                  if (table.tails[scopes[i] + text.substring(j)] === 1 || table.domains[scopes[i] + text.substring(j + 1)] === 1) return true;
                for (j = 0; j < table.globs.length; j++)
                  if (table.globs[j][0] === scopes[i] && globbed(table.globs[j], text)) return true;
              }
              return false;
            }
            function prefix(form, length) {
              var text = form.charAt(0), i;
              for (i = 1; i + 4 <= length + 1; i += 4) text += parseInt(form.substring(i, i + 4), 2).toString(16);
              return text + "/" + form.substring(i, length + 1);
            }
            function globbed(parts, text) {
              var from = 0;
              for (var i = 1; i < parts.length; i += 2) {
                var piece = parts[i + 1];
                var at = i + 2 < parts.length ? text.indexOf(piece, from) : text.length - piece.length;
                if (at < from || parts[i] >= 0 && at - from > parts[i] || text.substring(at, at + piece.length) !== piece) return false;
                from = at + piece.length;
              }
              return true;
            }
            function addressBits(name) {
              if (name.indexOf(":") < 0) return quadBits(name);
              var quad = name.substring(name.lastIndexOf(":") + 1), bits = "", i;
              if (quad.indexOf(".") >= 0) {
                bits = quadBits(quad);
                if (!bits) return "";
                name = name.substring(0, name.length - quad.length)
                  + parseInt(bits.substring(0, 16), 2).toString(16) + ":" + parseInt(bits.substring(16), 2).toString(16);
              }
              var halves = name.split("::");
              var groups = halves[0] ? halves[0].split(":") : [];
              var right = halves.length > 1 && halves[1] ? halves[1].split(":") : [];
              var missing = 8 - groups.length - right.length;
              if (halves.length > 2 || (halves.length == 2 ? missing < 1 : missing != 0)) return "";
              for (i = 0; i < missing; i++) groups.push("0");
              groups = groups.concat(right);
              for (bits = "", i = 0; i < 8; i++) {
                if (!/^[0-9a-f]{1,4}$/.test(groups[i])) return "";
                bits += binary(parseInt(groups[i], 16), 16);
              }
              return bits;
            }
            function quadBits(name) {
              var bytes = /^(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})$/.exec(name), bits = "";
              for (var i = 1; bytes && i < 5; i++) {
                if (+bytes[i] > 255) return "";
                bits += binary(+bytes[i], 8);
              }
              return bits;
            }
            function binary(number, width) {
              var text = number.toString(2);
              while (text.length < width) text = "0" + text;
              return text;
            }
            var mappedBits = binary(0, 80) + binary(65535, 16);
            """;

    private final BypassTable local;
    private final BypassTable before;
    private final BypassTable after;
    private final List<String> idle = new ArrayList<>();
    private boolean localProxied;
    private int cut;

    /**
     * @param local what the product never sends to a proxy
     * @param addresses of the list
     * @param mapped of the list
     */
    Bypass(BypassTable local, Addresses addresses, boolean mapped) {
        this.local = local;
        this.before = new BypassTable(addresses, mapped);
        this.after = new BypassTable(addresses, mapped);
    }

    /** Of a setting that has none: nothing goes past the proxy. */
    static Bypass none() {
        return new Bypass(new BypassTable(Addresses.NEVER, false), Addresses.NEVER, false);
    }

    /**
     * Entries that are all in force at once.
     *
     * @param rule puts an entry into a table; false when no host can match it
     */
    void entries(List<String> entries, BiPredicate<String, BypassTable> rule) {
        entries(entries, rule, before);
    }

    /** Entries before and after one that sends to the proxy what {@code local} holds. */
    void entries(List<String> first, List<String> second, BiPredicate<String, BypassTable> rule) {
        localProxied = true;
        entries(second, rule, after); // they beat the others
        entries(first, rule, before);
    }

    private void entries(
            List<String> entries, BiPredicate<String, BypassTable> rule, BypassTable table) {
        for (String entry : entries) {
            if (entry.length() > LONGEST || !entry.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
                idle.add(entry);
            } else if (before.size() + after.size() + 12 * entry.length() + 400 > MOST) {
                cut++;
            } else if (!rule.test(entry, table)) {
                idle.add(entry);
            }
        }
    }

    /** How many entries there was no room for. */
    int cut() {
        return cut;
    }

    /** The script. */
    String script() {
        return SCRIPT
                + "var localProxied = "
                + localProxied
                + ";\nvar local = "
                + text(local)
                + ";\nvar before = "
                + text(before)
                + ";\nvar after = "
                + text(after)
                + ";\n";
    }

    /** The encoder escapes quotes, backslashes, control characters and all that is not ASCII. */
    private static String text(BypassTable table) {
        return JSON.writeValueAsString(table.json()).replace("<", "\\u003c");
    }

    /** What is not as the list says, in a few words on one line; empty when all is. */
    String remarks() {
        StringBuilder remarks = new StringBuilder();
        if (!idle.isEmpty()) {
            remarks.append("; of its bypass list ")
                    .append(idle.size())
                    .append(" left out that match no host or cannot be read: ");
            idle.stream().limit(SHOWN).forEach(e -> remarks.append(shown(e)).append(' '));
            remarks.setLength(remarks.length() - 1);
            if (idle.size() > SHOWN) {
                remarks.append(" …");
            }
        }
        if (localProxied) {
            remarks.append(
                    "; its <-loopback> is not for Chromium, which asks no PAC file about names and addresses of the machine itself");
        }
        return remarks.toString();
    }

    private static String shown(String entry) {
        String start = entry.substring(0, Math.min(entry.length(), SHOWN_LENGTH));
        StringBuilder shown = new StringBuilder("'");
        start.codePoints()
                .map(c -> Character.isLetterOrDigit(c) || c > ' ' && c < 0x7f ? c : '?')
                .forEach(shown::appendCodePoint);
        return shown.append(entry.length() > SHOWN_LENGTH ? "…'" : "'").toString();
    }
}
