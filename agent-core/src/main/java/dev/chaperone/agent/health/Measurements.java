// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.health;

import java.time.Duration;

/** What is measured of each exchange. Returns at once; any thread. */
public interface Measurements {
    /** For an agent that nobody monitors. */
    Measurements NONE =
            new Measurements() {
                @Override
                public void decided(String service, Duration held) {}

                @Override
                public void firstAnswer(String service, Duration waited) {}

                @Override
                public void failed(String service, String code) {}
            };

    /** How long a prompt was held for its decision; not when a person was asked. */
    void decided(String service, Duration held);

    /** How long the service took from the request's last byte to the answer's first. */
    void firstAnswer(String service, Duration waited);

    /**
     * An exchange failed.
     *
     * @param code stable error code
     */
    void failed(String service, String code);
}
