// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.sync.BundleKeeper;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyEngine;
import org.jspecify.annotations.Nullable;

/**
 * The rules in force: those of the server's policy once there is one, else of the configuration's.
 * Replaced as a whole, or left. Thread-safe.
 */
final class RulesInForce {
    private volatile Rules rules;
    private volatile BundleKeeper.@Nullable InForce published;

    /**
     * @throws StartException with one clear line when policy or service files cannot be used
     */
    RulesInForce(AgentConfig config) throws StartException {
        rules = Rules.load(config.policy(), config.services());
    }

    Rules get() {
        return rules;
    }

    PolicyEngine policy() {
        return rules.policy();
    }

    PolicyDocument document() {
        return rules.policy().document();
    }

    /** A policy of the server comes into force; one that cannot is left, the last stays. */
    synchronized void use(BundleKeeper.InForce fresh, AgentConfig config) {
        try {
            rules = Rules.of(fresh.engine(), fresh.document(), config.services());
            published = fresh;
        } catch (StartException e) {
            // The service files were read at start; one that was broken since changes nothing.
        }
    }

    /**
     * Reads policy and service files anew; a policy of the server stays.
     *
     * @throws StartException with one clear line; what was in force stays
     */
    synchronized void reload(AgentConfig config) throws StartException {
        BundleKeeper.InForce kept = published;
        rules =
                kept == null
                        ? Rules.load(config.policy(), config.services())
                        : Rules.of(kept.engine(), kept.document(), config.services());
    }
}
