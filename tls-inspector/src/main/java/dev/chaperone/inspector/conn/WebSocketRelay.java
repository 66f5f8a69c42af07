// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.catalogue.AnswerReader;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.catalogue.Refusals;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket whose endpoint the catalogue declares (RFC 6455). Frames pass one by one; a client's
 * message is kept until it is whole and the gate has decided on it. Ping and pong never wait;
 * everything else of the client keeps its order. Runs on the connection's event loop.
 */
final class WebSocketRelay {
    private static final int MAX_WAITING = 64 * 1024;
    private static final int TOO_BIG = 1009;
    private static final int LOOK_AGAIN_MILLIS = 100;

    private final ProxyContext proxy;
    private final HostSession session;
    private final RequestHead head;
    private final EndpointMatch match;
    private final Channel client;
    private final Channel upstream;

    private final Deque<WebSocketFrame> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private @Nullable ByteArrayOutputStream message;
    private boolean messageIsText;
    private @Nullable HeldDecision decision;
    private boolean holding;

    /** What the decision in the making is about, or was. */
    private @Nullable Exchange held;

    private @Nullable AnswerReader answer;
    private @Nullable Exchange asked;
    private @Nullable ByteArrayOutputStream answerMessage;
    private boolean answerIsText;

    private WebSocketRelay(
            ProxyContext proxy,
            HostSession session,
            RequestHead head,
            EndpointMatch match,
            Channel client,
            Channel upstream) {
        this.proxy = proxy;
        this.session = session;
        this.head = head;
        this.match = match;
        this.client = client;
        this.upstream = upstream;
    }

    static void install(
            ProxyContext proxy,
            HostSession session,
            RequestHead head,
            EndpointMatch match,
            Channel client,
            Channel upstream) {
        WebSocketRelay relay = new WebSocketRelay(proxy, session, head, match, client, upstream);
        int limit = proxy.settings().maxInspectedBody();
        WebSocketCodecs.add(client.pipeline(), true, limit);
        client.pipeline().addLast("frames", relay.new FromClient());
        WebSocketCodecs.add(upstream.pipeline(), false, limit);
        upstream.pipeline().addLast("frames", relay.new FromService());
    }

    // ---- client to service

    private final class FromClient extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            WebSocketFrame frame = (WebSocketFrame) msg;
            if (frame instanceof PingWebSocketFrame || frame instanceof PongWebSocketFrame) {
                upstream.writeAndFlush(frame);
            } else if (holding) {
                waiting.add(frame);
                waitingBytes += frame.content().readableBytes() + 16;
                if (waitingBytes > MAX_WAITING) {
                    client.config().setAutoRead(false);
                }
                if (frame instanceof CloseWebSocketFrame goodbye) {
                    withdrawIfAsked(goodbye);
                }
            } else {
                clientFrame(frame);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            upstream.config().setAutoRead(client.isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ended();
            close(upstream);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            proxy.counters().malformed.increment();
            proxy.gate().failed(session.serviceId(), session.host(), "CHP-IN-006");
            ended();
            close(client);
            close(upstream);
        }
    }

    /**
     * The client says goodbye: a message that a person is asked about is given up, since nobody
     * would see its answer. One that is only being decided on goes first, as it was sent first; the
     * question may still come, so this looks again.
     */
    private void withdrawIfAsked(CloseWebSocketFrame goodbye) {
        Exchange exchange = held;
        if (exchange == null || !holding || !client.isActive()) {
            return; // the goodbye has gone its way
        }
        if (proxy.gate().asking(exchange).isPositive()) {
            goodbye.retain();
            ended();
            upstream.writeAndFlush(goodbye);
        } else {
            client.eventLoop()
                    .schedule(
                            () -> withdrawIfAsked(goodbye),
                            LOOK_AGAIN_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    private void clientFrame(WebSocketFrame frame) {
        if (frame instanceof CloseWebSocketFrame) {
            upstream.writeAndFlush(frame);
            return;
        }
        try {
            if (!(frame instanceof ContinuationWebSocketFrame)) {
                message = new ByteArrayOutputStream();
                messageIsText = frame instanceof TextWebSocketFrame;
            }
            ByteArrayOutputStream whole = message;
            if (whole == null) {
                return; // a continuation of nothing: the decoder rejects it
            }
            whole.writeBytes(ByteBufUtil.getBytes(frame.content()));
            if (whole.size() > proxy.settings().maxInspectedBody()) {
                tooBig();
            } else if (frame.isFinalFragment()) {
                message = null;
                decide(whole.toByteArray(), messageIsText);
            }
        } finally {
            frame.release();
        }
    }

    private void tooBig() {
        message = null;
        proxy.gate().failed(session.serviceId(), session.host(), "CHP-TLS-020");
        client.writeAndFlush(new CloseWebSocketFrame(TOO_BIG, "message too big to inspect"))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void decide(byte[] payload, boolean text) {
        Exchange exchange = session.exchange(head, match);
        proxy.counters().exchanges.increment();
        holding = true;
        held = exchange;
        decision =
                HeldDecision.start(
                        proxy,
                        client.eventLoop(),
                        () -> session.owned(exchange),
                        () ->
                                session.inspection()
                                        .message(
                                                session.awaitOwner(exchange),
                                                match,
                                                head,
                                                payload,
                                                text),
                        result -> release(exchange, result, payload, text));
    }

    private void release(
            Exchange exchange, PromptInspection.Result result, byte[] payload, boolean text) {
        holding = false;
        switch (result) {
            case PromptInspection.Result.AsItCame _ -> {
                startAnswer(exchange);
                upstream.writeAndFlush(frame(payload, text));
            }
            case PromptInspection.Result.Changed(byte[] changed) -> {
                proxy.counters().rewritten.increment();
                startAnswer(exchange);
                upstream.writeAndFlush(frame(changed, text));
            }
            case PromptInspection.Result.Refused(Refusal refusal) -> {
                proxy.counters().refused.increment();
                Refusals.messages(match, head, payload, refusal)
                        .forEach(m -> client.write(frame(m, true)));
                client.flush();
            }
        }
        while (!holding && !waiting.isEmpty()) {
            WebSocketFrame next = waiting.remove();
            waitingBytes -= next.content().readableBytes() + 16;
            clientFrame(next);
        }
        if (!holding) {
            client.config().setAutoRead(upstream.isWritable());
        }
    }

    private static WebSocketFrame frame(byte[] payload, boolean text) {
        ByteBuf bytes = Unpooled.wrappedBuffer(payload);
        return text ? new TextWebSocketFrame(bytes) : new BinaryWebSocketFrame(bytes);
    }

    // ---- service to client

    private final class FromService extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            WebSocketFrame frame = (WebSocketFrame) msg;
            boolean data =
                    !(frame instanceof PingWebSocketFrame
                            || frame instanceof PongWebSocketFrame
                            || frame instanceof CloseWebSocketFrame);
            byte @Nullable [] copy =
                    data && answer != null ? ByteBufUtil.getBytes(frame.content()) : null;
            boolean last = frame.isFinalFragment();
            boolean text = frame instanceof TextWebSocketFrame;
            boolean first = !(frame instanceof ContinuationWebSocketFrame);
            client.writeAndFlush(frame);
            if (copy != null) {
                read(copy, first, last, text);
            }
            if (!client.isWritable()) {
                upstream.config().setAutoRead(false);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (!holding) {
                client.config().setAutoRead(upstream.isWritable());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ended();
            close(client);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ended();
            close(client);
            close(upstream);
        }
    }

    private void read(byte[] piece, boolean first, boolean last, boolean text) {
        AnswerReader reader = answer;
        if (reader == null) {
            return;
        }
        if (first) {
            answerMessage = new ByteArrayOutputStream();
            answerIsText = text;
        }
        ByteArrayOutputStream whole = answerMessage;
        if (whole == null) {
            return;
        }
        if (whole.size() < proxy.settings().maxInspectedBody()) {
            whole.writeBytes(piece);
        }
        if (last) {
            answerMessage = null;
            try {
                reader.message(whole.toByteArray(), answerIsText);
            } catch (RuntimeException e) {
                answer = null; // a shape the reader chokes on: the answer goes on, unread
                proxy.counters().answersUnread.increment();
            }
        }
    }

    private void startAnswer(Exchange exchange) {
        endAnswer();
        asked = exchange;
        answer = AnswerReader.forMessages(match, head);
    }

    private void endAnswer() {
        AnswerReader reader = answer;
        Exchange exchange = asked;
        answer = null;
        if (reader != null && exchange != null) {
            Answer whole = reader.finish();
            proxy.blocking().execute(() -> proxy.gate().answered(exchange, whole));
        }
    }

    private void ended() {
        holding = false;
        if (decision != null) {
            decision.cancel();
        }
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        endAnswer();
    }

    private static void close(Channel channel) {
        if (channel.isActive()) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
