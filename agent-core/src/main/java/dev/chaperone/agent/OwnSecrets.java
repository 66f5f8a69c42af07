// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import java.util.List;

/**
 * Leaves out findings that are the request's own credential or a token its service issued (DESIGN
 * §4.10).
 */
final class OwnSecrets {
    private OwnSecrets() {}

    static Assessment without(Assessment assessment, Exchange exchange, Prompt prompt) {
        List<Finding> foreign =
                assessment.findings().stream()
                        .filter(f -> !exchange.ownSecret().test(value(prompt, f)))
                        .toList();
        return foreign.size() == assessment.findings().size()
                ? assessment
                : new Assessment(
                        foreign, assessment.intent(), assessment.threats(), assessment.missing());
    }

    private static String value(Prompt prompt, Finding finding) {
        return prompt.segments()
                .get(finding.segment())
                .text()
                .substring(finding.span().start(), finding.span().end());
    }
}
