// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.policy;

import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyEngine;
import dev.chaperone.policies.PolicyFormatException;
import dev.chaperone.policies.PolicyTests;
import java.util.Optional;

/** Says whether a policy may be published. */
@FunctionalInterface
public interface PolicyCheck {
    /**
     * The first thing that is wrong.
     *
     * @param name the document's name, for messages
     * @param yaml the document
     * @return one line with file, line and remedy; empty when it may be published
     */
    Optional<String> firstError(String name, byte[] yaml) throws InterruptedException;

    /**
     * Compiles the policy and runs its tests. The cases that hold a text need detection, which the
     * server has not: they are skipped.
     */
    static Optional<String> here(String name, byte[] yaml) {
        try {
            PolicyEngine engine = PolicyEngine.compile(PolicyDocument.parse(yaml, name));
            return PolicyTests.runWithoutDetection(engine)
                    .firstFailure()
                    .map(red ->
                            "%s:%d: test of rule '%s': %s"
                                    .formatted(name, red.line(), red.rule(), red.detail()));
        } catch (PolicyFormatException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
