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
 * written first and read afterwards. Where placeholders are turned back, a piece is written once
 * its event is whole, and no faster than the client takes it. Runs on the connection's event loop.
 */
final class AnswerFlow {
    private final ClientLeg client;
    private @Nullable AnswerTap tap;
    private @Nullable RestoredAnswer restored;
    private List<HeaderField> lastTrailers = List.of();
    private boolean started;
    private boolean sourceEnded;
    private boolean broken;
    private boolean draining;
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

    /** Whether the service has sent everything; the client may not have it all yet. */
    boolean sourceEnded() {
        return sourceEnded || ended;
    }

    /** Whether the answer cannot be completed: its content coding is malformed. */
    boolean broken() {
        return broken;
    }

    /**
     * The final head.
     *
     * @param reader reads the body, or null when nobody does
     * @param restorer turns placeholders back, or null when there are none
     */
    void head(
            ResponseHead head,
            boolean end,
            @Nullable AnswerTap reader,
            @Nullable RestoredAnswer restorer) {
        started = true;
        ended = end;
        tap = reader;
        restored = restorer;
        client.responseHead(restorer == null ? head : restorer.head(), end);
        if (restorer != null) {
            client.flush(); // the body's first event may be long in coming
        }
    }

    /** Takes ownership of {@code data}. */
    void data(ByteBuf data, boolean end) {
        AnswerTap reader = tap;
        RestoredAnswer restorer = restored;
        // Written first: reading must never delay what the person waits for.
        ByteBuf copy = reader == null ? null : data.retainedDuplicate();
        if (restorer == null) {
            client.responseData(data, end);
            client.flush();
            ended = end;
        } else {
            restorer.take(data);
            sourceEnded = end;
            drain();
        }
        if (reader != null && copy != null) {
            reader.feed(copy);
        }
    }

    void trailers(List<HeaderField> trailers) {
        if (restored == null) {
            ended = true;
            client.responseTrailers(trailers);
            client.flush();
        } else {
            lastTrailers = RestoredAnswer.changed(trailers);
            sourceEnded = true;
            drain();
        }
    }

    /** Restores and writes what waits, as far as the client takes it. */
    void drain() {
        RestoredAnswer restorer = restored;
        // Writing can make the client writable, which calls this again.
        if (restorer == null || ended || broken || draining) {
            return;
        }
        draining = true;
        try {
            while (restorer.hasMore() && client.writable()) {
                write(restorer.next());
            }
        } catch (RuntimeException e) {
            // Compressed garbage, of which the client was told that it is not compressed.
            broken = true;
            write(restorer.end());
            restorer.broken();
            return;
        } finally {
            draining = false;
        }
        if (sourceEnded && !restorer.hasMore()) {
            byte[] rest = restorer.end();
            ended = true;
            if (lastTrailers.isEmpty()) {
                client.responseData(Unpooled.wrappedBuffer(rest), true);
            } else {
                client.responseData(Unpooled.wrappedBuffer(rest), false);
                client.responseTrailers(lastTrailers);
            }
            client.flush();
        }
    }

    private void write(byte[] bytes) {
        if (bytes.length > 0) {
            client.responseData(Unpooled.wrappedBuffer(bytes), false);
            client.flush();
        }
    }

    /** The answer broke off: what was kept back of it is still written. */
    void breakOff() {
        RestoredAnswer restorer = restored;
        if (restorer != null && !ended && !broken) {
            drain();
            if (!ended && !broken) {
                write(restorer.end());
            }
        }
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
        if (restored != null) {
            restored.drop();
            restored = null;
        }
    }
}
