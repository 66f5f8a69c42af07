// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The service's side of one exchange, whatever its HTTP version. Called on the connection's event
 * loop.
 */
interface UpstreamLeg {
    void requestHead(RequestHead head, boolean end);

    /** Takes ownership of {@code data}. */
    void requestData(ByteBuf data, boolean end);

    void requestTrailers(List<HeaderField> trailers);

    /** Sends what was written. */
    void flush();

    /** Gives the exchange up: HTTP/2 resets the stream, HTTP/1.1 closes the connection. */
    void abort();

    /** Stops or resumes reading answer bytes. */
    void setReading(boolean on);

    /** Whether the service takes more bytes now. */
    boolean writable();

    /** Opens one exchange's upstream side. */
    @FunctionalInterface
    interface Opener {
        UpstreamLeg open(ExchangeFlow flow);
    }
}
