// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.util.List;

/**
 * What is known of one installed tool.
 *
 * @param tool its name
 * @param program where it is; empty when it is not installed
 * @param evidence what it said, or why it was not asked
 * @param remedy what to do; empty when nothing is
 * @param changed files and variables that a repair set for it
 */
public record ToolReport(
        String tool,
        String program,
        State state,
        String evidence,
        String remedy,
        List<String> changed) {
    public ToolReport {
        changed = List.copyOf(changed);
    }
}
