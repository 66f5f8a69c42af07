// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.finding;

import java.util.List;

/**
 * Everything detection knows about a prompt.
 *
 * @param findings in order of segment and start; spans of different findings of one segment do not
 *     overlap
 * @param intent what the person wants
 * @param threats attacks on the model or the device
 * @param missing names of detectors that could not run, for example {@code intent-model}; empty
 *     when all ran
 */
public record Assessment(
        List<Finding> findings, Intent intent, List<Threat> threats, List<String> missing) {
    public static final Assessment NOTHING =
            new Assessment(List.of(), Intent.UNKNOWN, List.of(), List.of());

    public Assessment {
        findings = List.copyOf(findings);
        threats = List.copyOf(threats);
        missing = List.copyOf(missing);
    }
}
