// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

/** One frame of a stream: bytes around data that can be changed. Immutable. */
public interface Frame {
    /** The frame as it came. */
    byte[] bytes();

    /** The data in it. */
    byte[] data();

    /** The frame with other data. */
    byte[] withData(byte[] changed);

    /** A further frame of the same kind with other data. */
    byte[] copyWithData(byte[] changed);
}
