// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import java.util.List;

/** What the proxy does with a prompt. */
public sealed interface Verdict {
    /** Send it as it came. */
    record Forward() implements Verdict {}

    /** Send it with some spans replaced. */
    record Rewrite(List<Replacement> replacements) implements Verdict {
        public Rewrite {
            replacements = List.copyOf(replacements);
        }
    }

    /** Send nothing; answer the client in a shape that it shows to the person. */
    record Refuse(Refusal refusal) implements Verdict {}
}
