// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
 * @param trustedRoots SHA-256 (64 hex digits) of those of the organisation's roots that the
 *     system's trust store holds; null when the device has none or cannot tell
 */
public record DeviceStatus(
        String version,
        long policyVersion,
        String policyState,
        long epoch,
        long lastSeq,
        long lost,
        Map<String, Long> notInspected,
        @Nullable List<String> trustedRoots) {
    public DeviceStatus {
        notInspected = Map.copyOf(notInspected);
        trustedRoots = trustedRoots == null ? null : List.copyOf(trustedRoots);
    }

    /** Of a device that cannot tell which roots its system trusts. */
    public DeviceStatus(
            String version,
            long policyVersion,
            String policyState,
            long epoch,
            long lastSeq,
            long lost,
            Map<String, Long> notInspected) {
        this(version, policyVersion, policyState, epoch, lastSeq, lost, notInspected, null);
    }

    /**
     * The server's answer.
     *
     * @param issuing {@link Issuance.Answer#state} as it would be now; null from a server without a
     *     root
     */
    public record Answer(@Nullable String issuing) {}
}
