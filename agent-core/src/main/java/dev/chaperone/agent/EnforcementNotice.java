// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.policies.PolicyDocument;
import java.time.Instant;
import java.time.ZoneOffset;

/**
 * Between the day a policy is announced and the day it takes effect, what its rules decide is
 * counted and said, and not carried out.
 */
final class EnforcementNotice {
    private EnforcementNotice() {}

    /** Whether the notice runs still. */
    static boolean runs(PolicyDocument policy, Instant now) {
        Instant from = policy.enforceFrom();
        return from != null && now.isBefore(from);
    }

    /** The decision, or a warning in its place while the notice runs. */
    static Decision observed(PolicyDocument policy, Decision decision, Instant now) {
        Instant from = policy.enforceFrom();
        if (from == null || !runs(policy, now)) {
            return decision;
        }
        return switch (decision) {
            case Decision.Allow _, Decision.Warn _ -> decision;
            case Decision.Redact _, Decision.Coach _, Decision.Block _ ->
                    new Decision.Warn(
                            decision.rule(),
                            new Explanation(
                                    "It was sent: the rule takes effect on "
                                            + from.atOffset(ZoneOffset.UTC).toLocalDate()
                                            + ". From then on: "
                                            + decision.why().message(),
                                    decision.why().coaching()));
        };
    }
}
