// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;

/**
 * A change of one file that can be taken back even when the person changed the file since. Kept in
 * the ledger as JSON. Contents are bytes in, bytes out: {@link UndoLedger} reads and writes.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MarkedBlock.class, name = "block"),
    @JsonSubTypes.Type(value = JsonMember.class, name = "json"),
    @JsonSubTypes.Type(value = RootInKeyStore.class, name = "keystore")
})
sealed interface Edit permits MarkedBlock, JsonMember, RootInKeyStore {
    /**
     * The file with ours in it; the same bytes when it is there already.
     *
     * @param before empty for a file that does not exist
     * @throws TrustException when the file is not what the tool itself would accept; nothing is
     *     changed then
     */
    byte[] apply(byte[] before) throws TrustException;

    /** The file without ours; empty when ours is not in it any more. */
    Optional<byte[]> remove(byte[] current) throws TrustException;
}
