// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.enrol;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A device that enrolled.
 *
 * @param n its row
 * @param id UUID, the common name of its certificates
 * @param group of the token it came with, or null
 * @param host its host name, as it says
 * @param os its operating system, as it says
 * @param version of its agent
 * @param enrolled when
 * @param contact its last batch or state
 * @param revoked whether it is locked out
 * @param clones batches of its that contradicted what is stored
 * @param epoch of its event store
 * @param seq everything up to this number of the epoch is stored
 */
public record Device(
        long n,
        String id,
        @Nullable String group,
        String host,
        String os,
        String version,
        Instant enrolled,
        Instant contact,
        boolean revoked,
        long clones,
        long epoch,
        long seq) {}
