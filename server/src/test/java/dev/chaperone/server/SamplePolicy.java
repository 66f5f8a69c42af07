// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

/** A policy of one rule. */
public final class SamplePolicy {
    public static final String YAML =
            """
            version: 1
            name: small
            rules:
              - id: secrets-out
                when: has("CREDENTIAL")
                then: {action: redact}
                tests:
                  - {findings: [SECRET.github-pat], expect: redact}
                  - {findings: [EMAIL], expect: allow}
            """;

    private SamplePolicy() {}
}
