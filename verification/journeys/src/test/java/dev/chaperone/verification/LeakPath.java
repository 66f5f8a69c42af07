// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import java.io.Closeable;

/** A client, the agent and a stand-in for the service, in one HTTP version from end to end. */
interface LeakPath extends Closeable {
    /**
     * What reached the service.
     *
     * @param raw every byte as it came out of TLS, below any parser
     * @param head the header fields as text, one a line, whatever their coding
     * @param body joined from its chunks or frames; still in its content coding
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Arrived(byte[] raw, String head, byte[] body) {
        static final Arrived NOTHING = new Arrived(new byte[0], "", new byte[0]);

        boolean nothing() {
            return raw.length == 0;
        }

        @Override
        public String toString() {
            return "Arrived[" + raw.length + " bytes]";
        }
    }

    /** Sends a message, waits for its answer and returns what reached the service meanwhile. */
    Arrived carry(LeakCase message) throws Exception;

    /** Every byte that reached the service up to the last message that arrived whole. */
    byte[] everything();
}
