// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.catalogue.Refusals;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer's way to the client, from the service or in its place. Never held: each piece is
 * written first and read afterwards. Runs on the connection's event loop.
 */
final class AnswerFlow {
    private final ClientLeg client;
    private @Nullable AnswerTap tap;
    private boolean started;
    private boolean ended;

    AnswerFlow(ClientLeg client) {
        this.client = client;
    }

    /** Whether the client was told a status that is final. */
    boolean started() {
        return started;
    }

    /** Whether nothing more will come. */
    boolean ended() {
        return ended;
    }

    /**
     * The final head.
     *
     * @param reader reads the body, or null when nobody does
     */
    void head(ResponseHead head, boolean end, @Nullable AnswerTap reader) {
        started = true;
        ended = end;
        tap = reader;
        client.responseHead(head, end);
    }

    /** Takes ownership of {@code data}. */
    void data(ByteBuf data, boolean end) {
        AnswerTap reader = tap;
        // Written first: reading must never delay what the person waits for.
        ByteBuf copy = reader == null ? null : data.retainedDuplicate();
        client.responseData(data, end);
        client.flush();
        if (reader != null && copy != null) {
            reader.feed(copy);
        }
        ended = end;
    }

    void trailers(List<HeaderField> trailers) {
        ended = true;
        client.responseTrailers(trailers);
        client.flush();
    }

    /** A whole answer of our own. */
    void local(Refusals.HttpReply reply) {
        started = true;
        ended = true;
        List<HeaderField> fields = new ArrayList<>(reply.headers());
        fields.removeIf(f -> f.name().equalsIgnoreCase("content-length"));
        fields.add(new HeaderField("content-length", Integer.toString(reply.body().length)));
        client.responseHead(new ResponseHead(reply.status(), "", fields), false);
        client.responseData(Unpooled.wrappedBuffer(reply.body()), true);
        client.flush();
    }

    /** The connection becomes something else: no answer follows. */
    void switched() {
        started = true;
        ended = true;
    }

    /** What was read is the whole answer. */
    void finishReading() {
        if (tap != null) {
            tap.finish();
            tap = null;
        }
    }
}
