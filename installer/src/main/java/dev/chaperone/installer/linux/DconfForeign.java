// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import dev.chaperone.installer.Machine;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Proxy settings that an administrator gave GNOME: the key files of each system database but ours.
 * Of a database's files the last by name wins (dconf(1), {@code compile}); keys are those of {@code
 * org.gnome.system.proxy}.
 */
final class DconfForeign {
    private static final String DATABASES = "/etc/dconf/db";
    private static final String OURS = "chaperone.d";

    /** A key file's line; of values only text, whole numbers and lists say something of a proxy. */
    private static final Pattern LINE =
            Pattern.compile(
                    "([a-z-]+)\\s*=\\s*(?:(['\"])(.*)\\2|(?:u?int32 )?(\\d+)|((?:@as\\s*)?\\[.*))");

    private record Value(String text, String file) {}

    private DconfForeign() {}

    /** One for each database that names a proxy, in the order of their names. */
    static List<ForeignProxy> of(Machine machine) throws IOException {
        List<ForeignProxy> found = new ArrayList<>();
        for (Path folder : children(machine.path(DATABASES))) {
            String name = String.valueOf(folder.getFileName());
            if (name.endsWith(".d") && !name.equals(OURS)) {
                Map<String, Value> keys = new HashMap<>();
                for (Path file : children(folder)) {
                    if (Files.isRegularFile(file)) {
                        read(file, DATABASES + "/" + name + "/" + file.getFileName(), keys);
                    }
                }
                proxy(keys).filter(p -> !p.isNone()).ifPresent(found::add);
            }
        }
        return found;
    }

    private static List<Path> children(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                entries.forEach(all::add);
            }
        }
        all.sort(null);
        return all;
    }

    private static void read(Path file, String name, Map<String, Value> keys) throws IOException {
        String section = "";
        for (String line : Files.readAllLines(file).stream().map(String::strip).toList()) {
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1);
            }
            Matcher key = LINE.matcher(line);
            if (key.matches()) {
                String text =
                        Stream.of(3, 4, 5)
                                .map(key::group)
                                .filter(Objects::nonNull)
                                .findFirst()
                                .orElse("");
                keys.put(section + "/" + key.group(1), new Value(text, name));
            }
        }
    }

    /** Without a mode an address still says what the company wants. */
    private static Optional<ForeignProxy> proxy(Map<String, Value> keys) {
        Value mode = keys.get("system/proxy/mode");
        Value pac = keys.get("system/proxy/autoconfig-url");
        if (mode != null && mode.text().equals("manual")) {
            return Optional.of(
                    ForeignProxy.fixed(
                            mode.file(),
                            endpoint(keys, "http"),
                            endpoint(keys, "https"),
                            bypass(keys.get("system/proxy/ignore-hosts"))));
        }
        return pac == null || mode != null && !mode.text().equals("auto")
                ? Optional.empty()
                : Optional.of(ForeignProxy.pac(pac.file(), pac.text()));
    }

    /** dconf compiles no file with one that is no list; here it is an entry that says nothing. */
    private static Bypass bypass(@Nullable Value hosts) {
        return hosts == null
                ? GnomeBypass.byDefault()
                : GnomeBypass.of(GVariantTexts.parse(hosts.text()).orElse(List.of(hosts.text())));
    }

    private static String endpoint(Map<String, Value> keys, String scheme) {
        Value host = keys.get("system/proxy/" + scheme + "/host");
        Value port = keys.get("system/proxy/" + scheme + "/port");
        return host == null || port == null ? "" : host.text() + ":" + port.text();
    }
}
