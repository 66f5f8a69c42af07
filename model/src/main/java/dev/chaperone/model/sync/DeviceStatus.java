// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.util.Map;

/**
 * {@code POST /v1/status} on the agents' listener, at each sync: that the device lives, and what it
 * did not see. The server keeps the last one.
 *
 * @param version the agent's version
 * @param policyVersion version of the bundle in force; 0 for the shipped policy
 * @param policyState {@code fresh}, {@code stale}, {@code expired}, {@code refused} or {@code none}
 * @param epoch epoch of the event store
 * @param lastSeq last number given
 * @param lost numbers lost in this epoch
 * @param notInspected reason → exchanges on opened hosts that were not inspected, since start
 */
public record DeviceStatus(
        String version,
        long policyVersion,
        String policyState,
        long epoch,
        long lastSeq,
        long lost,
        Map<String, Long> notInspected) {
    public DeviceStatus {
        notInspected = Map.copyOf(notInspected);
    }
}
