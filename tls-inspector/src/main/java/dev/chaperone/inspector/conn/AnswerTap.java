// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.catalogue.AnswerReader;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.ResponseHead;
import dev.chaperone.inspector.http.StreamDecoder;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.compression.DecompressionException;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer while it streams, from a copy. What it cannot read it gives up on, once and
 * counted; the answer itself is never touched. Runs on the connection's event loop.
 */
final class AnswerTap {
    private static final int MAX_TOKEN_BODY = 64 * 1024;

    /** What is read of one piece, which is undone at once: real text compresses to a hundredth. */
    private static final int MAX_OF_A_PIECE = 32 << 20;

    private interface Sink {
        void feed(byte[] bytes);

        void finish();
    }

    private final ProxyContext proxy;
    private final @Nullable Exchange exchange;
    private final StreamDecoder decoder;
    private @Nullable Sink sink;

    private AnswerTap(
            ProxyContext proxy, @Nullable Exchange exchange, StreamDecoder decoder, Sink sink) {
        this.proxy = proxy;
        this.exchange = exchange;
        this.decoder = decoder;
        this.sink = sink;
    }

    /**
     * A tap for the answer of a declared endpoint, or null when its content encoding is not known.
     */
    static @Nullable AnswerTap of(
            ProxyContext proxy,
            Exchange exchange,
            EndpointMatch match,
            RequestHead head,
            ResponseHead response,
            String contentType) {
        StreamDecoder decoder = StreamDecoder.of(response.contentEncoding()).orElse(null);
        if (decoder == null) {
            unread(proxy, exchange);
            return null;
        }
        AnswerReader reader = AnswerReader.forResponse(match, head, response.status(), contentType);
        return new AnswerTap(
                proxy,
                exchange,
                decoder,
                new Sink() {
                    @Override
                    public void feed(byte[] bytes) {
                        reader.feed(bytes, 0, bytes.length);
                    }

                    @Override
                    public void finish() {
                        Answer answer = reader.finish();
                        proxy.blocking().execute(() -> proxy.gate().answered(exchange, answer));
                    }
                });
    }

    /** A tap that learns the tokens a service issues in a small JSON body. */
    static @Nullable AnswerTap forTokens(ProxyContext proxy, String host, ResponseHead response) {
        StreamDecoder decoder = StreamDecoder.of(response.contentEncoding()).orElse(null);
        if (decoder == null) {
            return null;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        return new AnswerTap(
                proxy,
                null,
                decoder,
                new Sink() {
                    @Override
                    public void feed(byte[] bytes) {
                        if (body.size() < MAX_TOKEN_BODY) {
                            body.write(bytes, 0, Math.min(bytes.length, MAX_TOKEN_BODY));
                        }
                    }

                    @Override
                    public void finish() {
                        byte[] all = body.toByteArray();
                        proxy.blocking().execute(() -> proxy.tokens().learnJson(host, all));
                    }
                });
    }

    /** Reads one piece; releases it. */
    void feed(ByteBuf piece) {
        Sink open = sink;
        try {
            if (open != null) {
                read(piece, open);
            }
        } catch (RuntimeException e) {
            // Compressed garbage, or a shape the reader chokes on: the answer goes on, unread and
            // counted.
            sink = null;
            decoder.close();
            if (exchange != null) {
                unread(proxy, exchange);
            }
        } finally {
            piece.release();
        }
    }

    private void read(ByteBuf piece, Sink open) {
        int read = 0;
        do {
            byte[] decoded = decoder.decode(piece);
            open.feed(decoded);
            read += decoded.length;
            if (read > MAX_OF_A_PIECE) {
                throw new DecompressionException("a piece means too much");
            }
        } while (piece.isReadable() || decoder.pending());
    }

    void finish() {
        Sink open = sink;
        sink = null;
        decoder.close();
        if (open != null) {
            open.finish();
        }
    }

    private static void unread(ProxyContext proxy, Exchange exchange) {
        proxy.counters().answersUnread.increment();
        NotInspected why = new NotInspected(NotInspected.Reason.UNREADABLE, "CHP-TLS-021", 0);
        proxy.blocking().execute(() -> proxy.gate().answerUnread(exchange, why));
    }
}
