// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What makes a tool trust us, or why we do not do it.
 *
 * @param files edits of the tool's own settings
 * @param variables variables of new terminals, for what has no settings of its own
 * @param refusal empty, or what the person can do
 */
record Repair(Map<Path, Edit> files, Map<String, Path> variables, String refusal) {
    Repair {
        files = new LinkedHashMap<>(files);
        variables = new LinkedHashMap<>(variables);
    }

    static Repair file(Path file, Edit edit) {
        return new Repair(Map.of(file, edit), Map.of(), "");
    }

    static Repair variable(String name, Path value) {
        return new Repair(Map.of(), Map.of(name, value), "");
    }

    static Repair refused(String remedy) {
        return new Repair(Map.of(), Map.of(), remedy);
    }

    boolean isRefused() {
        return !refusal.isEmpty();
    }
}
