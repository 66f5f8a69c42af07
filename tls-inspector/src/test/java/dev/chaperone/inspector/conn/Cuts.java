// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.util.stream.IntStream;

/** Where messages are cut in two. */
final class Cuts {
    /** Up to here every offset: heads, first chunks, whole prompts. */
    private static final int EVERY = 2048;

    /** Up to here every 7th, which meets all remainders of powers of two. */
    private static final int DENSE = 16 << 10;

    /** Beyond, where only a body's middle lies: a prime step. */
    private static final int STEP = 997;

    private Cuts() {}

    /** Offsets from 1 to {@code length - 1}. */
    static IntStream of(int length) {
        return IntStream.range(1, length)
                .filter(at ->
                        at <= EVERY
                                || length - at <= 64
                                || at <= DENSE && at % 7 == 0
                                || at % STEP == 0);
    }
}
