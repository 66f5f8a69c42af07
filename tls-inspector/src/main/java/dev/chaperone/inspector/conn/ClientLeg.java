// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;

/**
 * The client's side of one exchange, whatever its HTTP version. Called on the connection's event
 * loop.
 */
interface ClientLeg {
    void responseHead(ResponseHead head, boolean end);

    /** Takes ownership of {@code data}. */
    void responseData(ByteBuf data, boolean end);

    void responseTrailers(List<HeaderField> trailers);

    /** Sends what was written. */
    void flush();

    /**
     * The service agreed to another protocol (RFC 9110 §7.8): from here on the connection carries
     * that. HTTP/1.1 only.
     *
     * @param response the 101, still to be written
     */
    void switchProtocol(ExchangeFlow flow, ResponseHead response);

    /** Gives the exchange up: HTTP/2 resets the stream, HTTP/1.1 closes the connection. */
    void abort();

    /** Stops or resumes reading request bytes. */
    void setReading(boolean on);

    /** Whether the client takes more bytes now. */
    boolean writable();

    /** The connection's channel, on whose event loop everything of this exchange runs. */
    Channel channel();
}
