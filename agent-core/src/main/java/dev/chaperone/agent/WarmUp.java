// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.model.prompt.Account;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import dev.chaperone.policies.PolicyContext;
import dev.chaperone.policies.PolicyEngine;
import java.time.InstantSource;
import java.util.List;

/**
 * Runs the engines once after start, so that the person's first prompt does not pay for loading
 * classes and telephone number metadata (measured: up to 0.8 s on a busy machine).
 */
final class WarmUp {
    private static final String TEXT =
            """
            name,email,phone
            Ann Example,ann@example.com,+44 20 7946 0018
            Call +49 30 901820 or write to office@example.org about order 4539 5787 6362 1486.
            """;

    private WarmUp() {}

    static void run(DetectionEngine detection, PolicyEngine policy, InstantSource clock) {
        Prompt prompt =
                new Prompt(
                        List.of(new Segment(0, TEXT, Origin.USER)),
                        TEXT,
                        List.of(),
                        null,
                        null,
                        Account.UNKNOWN,
                        List.of());
        policy.evaluate(
                detection.assess(prompt),
                PolicyContext.builder().segments(prompt.segments()).now(clock.instant()).build());
    }
}
