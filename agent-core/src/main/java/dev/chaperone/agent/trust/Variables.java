// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Environment variables as {@code exec} and {@code env} set them over a person's own: what was
 * there before is kept beside them, so that it can be merged, given back, and set only once in
 * nested calls.
 */
public final class Variables {
    /** Names of the variables that we set, separated by blanks. */
    public static final String SET = "CHAPERONE_SET";

    /** Before the name of a variable: what it was. */
    public static final String WAS = "CHAPERONE_WAS_";

    private Variables() {}

    /** The environment as it would be without us. */
    public static Map<String, String> withoutOurs(Map<String, String> environment) {
        Map<String, String> plain = new LinkedHashMap<>(environment);
        for (String name : set(environment)) {
            plain.remove(name);
            Optional.ofNullable(environment.get(WAS + name)).ifPresent(v -> plain.put(name, v));
            plain.remove(WAS + name);
        }
        plain.remove(SET);
        return plain;
    }

    /**
     * What is to be set over a person's own environment, with the means to take it back.
     *
     * @param own without ours
     */
    public static Map<String, String> over(Map<String, String> own, Map<String, String> ours) {
        Map<String, String> all = new LinkedHashMap<>(ours);
        ours.keySet()
                .forEach(name -> {
                    String was = own.get(name);
                    if (was != null) {
                        all.put(WAS + name, was);
                    }
                });
        all.put(SET, String.join(" ", ours.keySet()));
        return all;
    }

    /** Names that are to be unset, then names and values to be set, to take ours back. */
    public static Map<String, Optional<String>> takenBack(Map<String, String> environment) {
        Map<String, String> plain = withoutOurs(environment);
        Map<String, Optional<String>> back = new LinkedHashMap<>();
        for (String name : set(environment)) {
            back.put(name, Optional.ofNullable(plain.get(name)));
            if (environment.containsKey(WAS + name)) {
                back.put(WAS + name, Optional.empty());
            }
        }
        if (environment.containsKey(SET)) {
            back.put(SET, Optional.empty());
        }
        return back;
    }

    private static List<String> set(Map<String, String> environment) {
        List<String> names = new ArrayList<>();
        for (String name : environment.getOrDefault(SET, "").split(" ", -1)) {
            if (name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                names.add(name);
            }
        }
        return names;
    }
}
