// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.enrol;

import dev.chaperone.model.sync.Issuance;
import dev.chaperone.server.http.Problem;

/** Signs the intermediates of devices; implemented by {@code root}. Thread-safe. */
public interface Issuing {
    /**
     * Signs what may be signed of a request.
     *
     * @throws Problem 400 when the request makes no sense, 429 when too many wait
     */
    Issuance.Answer sign(Device device, Issuance.Request request) throws InterruptedException;

    /** Changes when the same request would be answered otherwise. */
    String state() throws InterruptedException;
}
