// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.catalogue.Refusals;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.ResponseHead;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer between two legs. Everything runs on the connection's event loop,
 * except the inspection itself.
 *
 * <p>The request is in one of these states:
 *
 * <ul>
 *   <li>{@code STREAMING}: no declared endpoint, or the verdict is known: bytes pass as they come;
 *   <li>{@code COLLECTING}: an endpoint with content: the body is kept, nothing was sent;
 *   <li>{@code HOLDING}: the gate has the body; nothing was sent;
 *   <li>{@code CLOSED}: refused, finished or given up.
 * </ul>
 *
 * <p>Nothing of a collected request reaches the upstream leg before the verdict, not even its head:
 * the upstream side is opened by {@link #release}. Answers are never held: each piece is written
 * first and read afterwards.
 */
final class ExchangeFlow {
    private enum State {
        STREAMING,
        COLLECTING,
        HOLDING,
        CLOSED
    }

    private final ProxyContext proxy;
    private final HostSession session;
    private final ClientLeg client;
    private final UpstreamLeg.Opener opener;

    private State state = State.STREAMING;
    private @Nullable RequestHead head;
    private @Nullable EndpointMatch match;
    private @Nullable Exchange exchange;
    private @Nullable UpstreamLeg upstream;
    private final CollectedBody collected = new CollectedBody();
    private final AnswerFlow answer;
    private @Nullable List<HeaderField> heldTrailers;
    private @Nullable HeldDecision decision;
    private boolean requestEnded;
    private boolean continued;
    private long requestBytes;

    /** {@link System#nanoTime} when an inspected request had been passed on; 0 when told. */
    private long forwardedAt;

    ExchangeFlow(
            ProxyContext proxy, HostSession session, ClientLeg client, UpstreamLeg.Opener opener) {
        this.proxy = proxy;
        this.session = session;
        this.client = client;
        this.opener = opener;
        this.answer = new AnswerFlow(client);
    }

    // ---- the client's side

    /** The request's head; {@code end} when no body follows. */
    void requestHead(RequestHead request, boolean end) {
        head = request;
        proxy.counters().exchanges.increment();
        match = session.match(request);
        exchange = session.exchange(request, match);
        if (match != null && HostSession.inspects(request)) {
            state = State.COLLECTING;
            if (end) {
                inspect();
            } else if (request.header("expect").isPresent()) {
                // The client waits for leave to send the body that has to be read before upstream
                // may be asked.
                continued = true;
                client.responseHead(new ResponseHead(100, "Continue", List.of()), false);
                client.flush();
            }
        } else {
            upstream = opener.open(this);
            upstream.requestHead(match != null ? withoutExtensions(request) : request, end);
            requestEnded = end;
            if (end) {
                upstream.flush();
                unmatchedEnded();
            }
        }
    }

    /** Takes ownership of {@code data}. */
    void requestData(ByteBuf data, boolean end) {
        requestBytes += data.readableBytes();
        switch (state) {
            case COLLECTING -> collect(data, end);
            case STREAMING -> {
                if (upstream == null) {
                    data.release();
                    return;
                }
                upstream.requestData(data, end);
                if (end) {
                    requestEnded = true;
                    unmatchedEnded();
                } else if (!upstream.writable()) {
                    client.setReading(false);
                }
            }
            case HOLDING -> {
                // The rest of an oversize body: the codec had read it before reading stopped.
                collected.add(data);
                requestEnded = end;
            }
            case CLOSED -> data.release();
        }
    }

    void requestTrailers(List<HeaderField> trailers) {
        if (state == State.STREAMING && upstream != null) {
            upstream.requestTrailers(trailers);
            upstream.flush();
            requestEnded = true;
        } else if (state == State.COLLECTING) {
            heldTrailers = trailers;
            inspect();
        }
    }

    /** The client left: a decision in the making is interrupted and nothing is sent. */
    void clientGone() {
        boolean wasOpen = !answer.ended();
        close();
        if (upstream != null && wasOpen) {
            upstream.abort();
        }
    }

    /** The client's bytes of this read are all in. */
    void clientReadComplete() {
        if (upstream != null) {
            upstream.flush();
        }
    }

    void clientWritable() {
        if (!answer.ended()) {
            answer.drain();
            settle();
        }
        if (upstream != null) {
            upstream.setReading(client.writable());
        }
    }

    // ---- inspection

    private void collect(ByteBuf data, boolean end) {
        collected.add(data);
        if (collected.size() > proxy.settings().maxInspectedBody()) {
            oversize(end);
        } else if (end) {
            inspect();
        }
    }

    private void inspect() {
        requestEnded = true;
        byte[] body = collected.takeBytes();
        hold(
                () ->
                        session.inspection()
                                .body(
                                        session.awaitOwner(known(exchange)),
                                        known(match),
                                        known(head),
                                        body),
                body);
    }

    /**
     * The body is larger than what is inspected: the policy says whether it passes, and that is
     * recorded.
     */
    private void oversize(boolean end) {
        requestEnded = end;
        NotInspected why =
                new NotInspected(NotInspected.Reason.OVERSIZE, "CHP-TLS-020", collected.size());
        client.setReading(false);
        hold(() -> session.inspection().unread(session.awaitOwner(known(exchange)), why), null);
    }

    /**
     * @param body the body the inspection got; null when what was collected is to be sent
     */
    private void hold(HeldDecision.Work work, byte @Nullable [] body) {
        state = State.HOLDING;
        session.held(this);
        decision =
                HeldDecision.start(
                        proxy,
                        loop(),
                        () -> session.owned(known(exchange)),
                        work,
                        result -> release(result, body));
    }

    /** The proxy stops: what is held gets its fail verdict. */
    void stopHolding() {
        if (decision != null) {
            decision.fail("CHP-GATE-003");
        }
    }

    private void release(PromptInspection.Result result, byte @Nullable [] body) {
        switch (result) {
            case PromptInspection.Result.AsItCame _ -> {
                session.released(this);
                forward(body == null ? collected.take() : Unpooled.wrappedBuffer(body), false);
            }
            case PromptInspection.Result.Changed(byte[] changed) -> {
                session.released(this);
                proxy.counters().rewritten.increment();
                forward(Unpooled.wrappedBuffer(changed), true);
            }
            case PromptInspection.Result.Refused(Refusal refusal) -> refuse(refusal, body);
        }
    }

    private void forward(ByteBuf body, boolean changed) {
        state = State.STREAMING;
        RequestHead request = known(head);
        if (changed) {
            request = request.withContentLength(body.readableBytes());
        }
        upstream = opener.open(this);
        boolean bodyless = requestEnded && heldTrailers == null && body.readableBytes() == 0;
        upstream.requestHead(request, bodyless);
        if (bodyless) {
            body.release();
        } else {
            upstream.requestData(body, requestEnded && heldTrailers == null);
            if (heldTrailers != null) {
                upstream.requestTrailers(heldTrailers);
            }
        }
        upstream.flush();
        forwardedAt = System.nanoTime();
        client.setReading(upstream.writable());
    }

    /**
     * Answers in the service's place. The reply repeats parts of the request (a JSON-RPC id), which
     * is decoded and read for it off the event loop; the connection counts as held until then.
     *
     * @param body as it came on the wire; null when it was not kept whole
     */
    private void refuse(Refusal refusal, byte @Nullable [] body) {
        proxy.counters().refused.increment();
        state = State.CLOSED;
        collected.drop();
        // The rest of an oversize body is read and dropped, so that the client sees the reply.
        client.setReading(true);
        EndpointMatch matched = match;
        RequestHead request = known(head);
        proxy.blocking()
                .execute(() -> {
                    Refusals.HttpReply reply = reply(matched, request, body, refusal);
                    loop().execute(() -> refused(reply));
                });
    }

    private Refusals.HttpReply reply(
            @Nullable EndpointMatch matched,
            RequestHead request,
            byte @Nullable [] body,
            Refusal refusal) {
        try {
            return session.inspection().refusal(matched, request, body, refusal);
        } catch (RuntimeException | StackOverflowError e) {
            // A body that the reader chokes on must not leave its client without an answer.
            return Refusals.http(null, request, null, refusal);
        }
    }

    private void refused(Refusals.HttpReply reply) {
        session.released(this);
        if (client.channel().isActive()) {
            answer.local(reply);
        }
    }

    /**
     * Messages of a WebSocket that is read must come uncompressed: permessage-deflate (RFC 7692) is
     * not offered on.
     */
    private static RequestHead withoutExtensions(RequestHead request) {
        return request.isWebSocketUpgrade() ? request.without("sec-websocket-extensions") : request;
    }

    private void unmatchedEnded() {
        if (match == null && session.opened() && requestBytes > 0) {
            proxy.counters().unknownEndpoints.increment();
            proxy.gate().passedUnmatched(session.owned(known(exchange)), requestBytes);
        }
    }

    // ---- the service's side

    void responseHead(ResponseHead response, boolean end) {
        if (answer.sourceEnded()) {
            return;
        }
        if (response.status() == 100 && continued) {
            return; // already told
        }
        if (response.status() == 101) {
            answer.switched();
            requestEnded = true;
            state = State.CLOSED;
            client.switchProtocol(this, response);
            return;
        }
        if (response.informational()) {
            client.responseHead(response, end);
        } else {
            RequestHead request = known(head);
            answer.head(
                    response,
                    end,
                    session.tap(request, match, response, exchange),
                    end ? null : session.restored(request, match, response, exchange));
        }
        if (end) {
            client.flush();
            finished();
        }
    }

    /** Takes ownership of {@code data}. */
    void responseData(ByteBuf data, boolean end) {
        if (answer.sourceEnded() || answer.broken()) {
            data.release();
            return;
        }
        if (forwardedAt != 0) {
            proxy.gate()
                    .firstAnswer(
                            known(exchange), Duration.ofNanos(System.nanoTime() - forwardedAt));
            forwardedAt = 0;
        }
        answer.data(data, end);
        settle();
        if (!answer.sourceEnded() && !client.writable() && upstream != null) {
            upstream.setReading(false);
        }
    }

    /** Notes that the answer is whole, or can never be. */
    private void settle() {
        if (answer.ended()) {
            finished();
        } else if (answer.broken() && state != State.CLOSED) {
            close();
            client.abort();
            if (upstream != null) {
                upstream.abort();
            }
        }
    }

    /** The service's bytes of this read are all in. */
    void upstreamReadComplete() {
        client.flush();
    }

    void responseTrailers(List<HeaderField> trailers) {
        if (!answer.sourceEnded()) {
            answer.trailers(trailers);
            settle();
        }
    }

    void upstreamWritable() {
        if (state == State.STREAMING && upstream != null) {
            client.setReading(upstream.writable());
        }
    }

    /** The service's side ended before its answer was whole. */
    void upstreamGone(String code) {
        upstreamGone(ConnectFailure.of(code));
    }

    /** As above, told in more words than the code's. */
    void upstreamGone(ConnectFailure why) {
        if (answer.sourceEnded() || state == State.CLOSED) {
            return;
        }
        proxy.counters().upstreamFailures.increment();
        if (answer.started() || head == null) {
            answer.breakOff();
            close();
            client.abort(); // a cut answer must look cut
            return;
        }
        state = State.CLOSED;
        proxy.gate().failed(session.serviceId(), session.host(), why.code());
        answer.local(ErrorReplies.upstreamFailed(head, why));
    }

    // ---- end

    EventLoop loop() {
        return client.channel().eventLoop();
    }

    boolean requestEnded() {
        return requestEnded || state == State.CLOSED;
    }

    boolean responseEnded() {
        return answer.ended();
    }

    @Nullable RequestHead head() {
        return head;
    }

    @Nullable EndpointMatch match() {
        return match;
    }

    Exchange knownExchange() {
        return session.owned(known(exchange));
    }

    HostSession session() {
        return session;
    }

    /** The channel of an HTTP/1.1 upstream; null for anything else. */
    @Nullable Channel upstreamChannel() {
        return upstream instanceof Http1UpstreamLeg leg ? leg.channelOrNull() : null;
    }

    private void finished() {
        answer.finishReading();
        if (state != State.HOLDING && requestEnded) {
            close();
        }
    }

    private void close() {
        state = State.CLOSED;
        session.released(this);
        if (decision != null) {
            decision.cancel();
        }
        collected.drop();
        answer.finishReading();
    }

    private static <T> T known(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("no request head yet");
        }
        return value;
    }
}
