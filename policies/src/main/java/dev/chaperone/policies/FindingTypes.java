// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.finding.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The finding types that a policy may name: a group ({@code SECRET}), a detail ({@code
 * SECRET.github-pat}) or an alias ({@code CREDENTIAL}). The list lies in {@code finding-types.txt}.
 */
final class FindingTypes {
    /** The detector whose findings {@code PEOPLE_TABLE} names. */
    static final String PEOPLE_TABLE_DETECTOR = "people-table";

    static final String PEOPLE_TABLE = "PEOPLE_TABLE";

    private static final Map<String, List<String>> ALIASES =
            Map.of(
                    "CREDENTIAL",
                    List.of("SECRET", "PRIVATE_KEY", "JWT", "CONNECTION_STRING", "PASSWORD"),
                    "PERSONAL",
                    List.of(
                            "EMAIL",
                            "PHONE",
                            "PERSON",
                            "ADDRESS",
                            "NATIONAL_ID",
                            "TAX_ID",
                            "PASSPORT",
                            "DRIVER_LICENSE",
                            "HEALTH_ID",
                            "LICENSE_PLATE"));

    private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");
    private static final Set<String> KNOWN = read();

    private FindingTypes() {}

    /** True if a policy may name this type. */
    static boolean isKnown(String name) {
        if (name.equals(PEOPLE_TABLE) || ALIASES.containsKey(name)) {
            return true;
        }
        if (KNOWN.contains(name) && !name.endsWith(".*")) {
            return true;
        }
        int dot = name.indexOf('.');
        return dot > 0
                && KNOWN.contains(name.substring(0, dot) + ".*")
                && COUNTRY.matcher(name.substring(dot + 1)).matches();
    }

    /** Every name that may be suggested; sorted. */
    static Set<String> names() {
        Set<String> all = new TreeSet<>(KNOWN);
        all.removeIf(name -> name.endsWith(".*"));
        all.addAll(ALIASES.keySet());
        all.add(PEOPLE_TABLE);
        return Collections.unmodifiableSet(all);
    }

    /** Aliases and the groups they stand for; sorted by alias. */
    static Map<String, List<String>> aliases() {
        return Collections.unmodifiableMap(new TreeMap<>(ALIASES));
    }

    /** True if a known name covers the finding: a group covers its details. */
    static boolean covers(String name, Finding finding) {
        if (name.equals(PEOPLE_TABLE)) {
            return finding.detector().equals(PEOPLE_TABLE_DETECTOR);
        }
        List<String> groups = ALIASES.get(name);
        if (groups != null) {
            return groups.contains(finding.group());
        }
        return finding.type().equals(name) || finding.group().equals(name);
    }

    private static Set<String> read() {
        try (InputStream in = FindingTypes.class.getResourceAsStream("finding-types.txt")) {
            if (in == null) {
                throw new IllegalStateException("finding-types.txt is not on the class path");
            }
            List<String> names = new ArrayList<>();
            Arrays.stream(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .forEach(names::add);
            return Set.copyOf(names);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read finding-types.txt", e);
        }
    }
}
