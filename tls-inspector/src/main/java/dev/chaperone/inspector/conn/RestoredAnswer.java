// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.catalogue.AnswerRestorer;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.ResponseHead;
import dev.chaperone.inspector.http.StreamDecoder;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a redacted prompt on its way to the client, its placeholders turned back. It is
 * sent without content coding. What is compressed is undone in small steps, as the client takes it:
 * a few bytes can mean millions. Runs on the connection's event loop.
 */
final class RestoredAnswer {
    /** Fields that describe the octets of a body; they are not true of a changed one. */
    private static final Set<String> OF_THE_OCTETS =
            Set.of(
                    "content-encoding",
                    "content-md5",
                    "digest",
                    "content-digest",
                    "repr-digest",
                    "etag");

    private final ProxyContext proxy;
    private final Exchange exchange;
    private final ResponseHead head;
    private final StreamDecoder decoder;
    private final AnswerRestorer restorer;
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private boolean dropped;

    private RestoredAnswer(
            ProxyContext proxy,
            Exchange exchange,
            ResponseHead head,
            StreamDecoder decoder,
            AnswerRestorer restorer) {
        this.proxy = proxy;
        this.exchange = exchange;
        this.head = head;
        this.decoder = decoder;
        this.restorer = restorer;
    }

    /** The restorer of an answer; null when there is nothing to restore or no body to do it in. */
    static @Nullable RestoredAnswer of(
            ProxyContext proxy,
            Exchange exchange,
            EndpointMatch match,
            RequestHead request,
            ResponseHead response) {
        Restoration restoration = proxy.gate().restoration(exchange);
        if (restoration.isEmpty() || !changeable(request, response)) {
            return null;
        }
        String type = response.header("content-type").orElse("").toLowerCase(Locale.ROOT);
        AnswerRestorer restorer =
                AnswerRestorer.forResponse(match, request, response.status(), type, restoration)
                        .orElse(null);
        if (restorer == null) {
            return null;
        }
        StreamDecoder decoder = StreamDecoder.of(response.contentEncoding()).orElse(null);
        if (decoder == null) {
            left(proxy, exchange, NotInspected.Reason.UNREADABLE);
            return null;
        }
        return new RestoredAnswer(proxy, exchange, changed(request, response), decoder, restorer);
    }

    /** Not where the answer has no body, is a part of one, or needs its length (HTTP/1.0). */
    private static boolean changeable(RequestHead request, ResponseHead response) {
        return !request.method().equals("HEAD")
                && !request.httpVersion().equals("http/1.0")
                && switch (response.status()) {
                    case 204, 205, 206, 304 -> false;
                    default -> true;
                };
    }

    private static ResponseHead changed(RequestHead request, ResponseHead response) {
        List<HeaderField> fields = new ArrayList<>();
        for (HeaderField field : response.headers()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (name.equals("content-length")) {
                if (request.httpVersion().equals("http/1.1")) {
                    fields.add(new HeaderField("Transfer-Encoding", "chunked"));
                }
            } else if (!OF_THE_OCTETS.contains(name)) {
                fields.add(field);
            }
        }
        return new ResponseHead(response.status(), response.reason(), fields);
    }

    /** The head to send. */
    ResponseHead head() {
        return head;
    }

    /** The trailers to send. */
    static List<HeaderField> changed(List<HeaderField> trailers) {
        return trailers.stream()
                .filter(f -> !OF_THE_OCTETS.contains(f.name().toLowerCase(Locale.ROOT)))
                .toList();
    }

    /** Takes ownership of {@code piece}. */
    void take(ByteBuf piece) {
        waiting.add(piece);
    }

    /** Whether bytes wait to be restored. */
    boolean hasMore() {
        return !waiting.isEmpty();
    }

    /**
     * Restores the next bytes; returns what can be sent now. Throws a codec's exception on
     * malformed data.
     */
    byte[] next() {
        ByteBuf piece = waiting.element();
        byte[] decoded = decoder.decode(piece);
        if (!piece.isReadable() && !decoder.pending()) {
            waiting.remove().release();
        }
        return restorer.feed(decoded, 0, decoded.length);
    }

    /** The answer ended or broke off: returns what is left to send. */
    byte[] end() {
        byte[] rest = restorer.end();
        if (restorer.isIncomplete()) {
            left(proxy, exchange, NotInspected.Reason.OVERSIZE);
        }
        proxy.counters().restored.add(restorer.restored());
        drop();
        return rest;
    }

    /** The content coding is malformed: nothing more can be made of the answer. */
    void broken() {
        left(proxy, exchange, NotInspected.Reason.UNREADABLE);
        drop();
    }

    /** Frees what waits; nothing may follow. */
    void drop() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        if (!dropped) {
            dropped = true;
            decoder.close();
        }
    }

    private static void left(ProxyContext proxy, Exchange exchange, NotInspected.Reason reason) {
        proxy.counters().answersUnread.increment();
        NotInspected why = new NotInspected(reason, "CHP-TLS-022", 0);
        proxy.blocking().execute(() -> proxy.gate().answerUnread(exchange, why));
    }
}
