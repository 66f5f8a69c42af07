// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import java.time.Duration;

/**
 * What a policy does where no rule says otherwise.
 *
 * @param action no rule matched: allow, warn or block
 * @param onTimeout a card was not answered: allow, redact or block. Redact with nothing to redact
 *     is block
 * @param fail a decision could not be taken or carried out: allow, redact or block. Redact means
 *     that what is known is redacted, and that the request is refused where nothing is known or
 *     redaction is impossible
 * @param oversize content above the inspected size: allow, warn or block
 * @param unreadable content that nobody could read: allow, warn or block
 * @param redactExamples true: values that documentation uses count like others
 * @param within how long a card waits for an answer; at least 1 s, at most 10 min
 * @param restore what comes back as real values in answers to redacted prompts
 */
public record PolicyDefaults(
        Action action,
        Action onTimeout,
        Action fail,
        Action oversize,
        Action unreadable,
        boolean redactExamples,
        Duration within,
        Restore restore) {
    /** The values of keys that a document leaves out. */
    static final PolicyDefaults UNSET =
            new PolicyDefaults(
                    Action.ALLOW,
                    Action.REDACT,
                    Action.REDACT,
                    Action.ALLOW,
                    Action.ALLOW,
                    false,
                    Duration.ofSeconds(60),
                    Restore.TEXT);
}
