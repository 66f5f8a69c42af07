// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.UpstreamProxy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Opens a tunnel through a company's proxy (RFC 9110 §9.3.6) as the first handler of the channel to
 * it, then makes room: what came behind the answer is the service's first, and waits until somebody
 * reads. Works whether the channel reads by itself or not.
 */
public final class ConnectTunnel extends ChannelDuplexHandler {
    /** Bytes of an answer's head; a proxy's is a few hundred. */
    private static final int MAX_HEAD = 16 << 10;

    /** Bytes of the longest end of a head: LF CR LF, less the last. */
    private static final int END_OF_HEAD = 2;

    private static final byte[] PROTOCOL = "HTTP/".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-9]\\d\\d)(?: .*)?");

    /** A host goes into a request of ours: nothing that ends a line or a field. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,255}");

    private final String authority;
    private final ChannelHandler next;
    private final Duration limit;
    private final Promise<Channel> opened;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;
    private boolean asked;
    private boolean established;
    private int searched;
    private @Nullable Future<?> timer;

    /**
     * @param host that {@link #canName}
     * @param next the first handler of the tunnel, added when it stands
     * @param limit from the connection to the proxy to its answer
     * @param opened completed on the channel's loop; fails with {@link ProxyRefusedException}, the
     *     channel closed
     */
    public ConnectTunnel(
            String host, int port, ChannelHandler next, Duration limit, Promise<Channel> opened) {
        this.authority = UpstreamProxy.authority(host, port);
        this.next = next;
        this.limit = limit;
        this.opened = opened;
    }

    /** Whether a host may stand in a request to a proxy. */
    static boolean canName(String host) {
        return HOST.matcher(host).matches();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) {
            ask(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ask(ctx);
        ctx.fireChannelActive();
    }

    private void ask(ChannelHandlerContext ctx) {
        if (asked) {
            return;
        }
        asked = true;
        timer =
                ctx.executor()
                        .schedule(
                                () -> fail(ctx, ProxyRefusedException.dead("does not answer")),
                                limit.toMillis(),
                                TimeUnit.MILLISECONDS);
        String request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
        ctx.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        received =
                ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), received, (ByteBuf) msg);
        if (!established) {
            answer(ctx);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!established) {
            ctx.read();
        }
    }

    private void answer(ChannelHandlerContext ctx) {
        int end = endOfHead();
        while (end >= 0 && end <= MAX_HEAD) {
            String head = received.readCharSequence(end, StandardCharsets.ISO_8859_1).toString();
            searched = 0;
            Matcher line = STATUS.matcher(head.substring(0, head.indexOf('\n')).stripTrailing());
            if (!line.matches()) {
                fail(ctx, ProxyRefusedException.dead("gives an answer that is not HTTP"));
                return;
            }
            int status = Integer.parseInt(line.group(1));
            if (status / 100 == 2) {
                establish(ctx);
                return;
            }
            if (status / 100 != 1) {
                fail(ctx, ProxyRefusedException.answered(status));
                return;
            }
            end = endOfHead();
        }
        if (!begins(PROTOCOL)) { // such as a proxy that wants TLS itself: no line would ever end
            fail(ctx, ProxyRefusedException.dead("gives an answer that is not HTTP"));
        } else if (received.readableBytes() > MAX_HEAD) {
            fail(ctx, ProxyRefusedException.dead("gives an answer that is too long"));
        }
    }

    private boolean begins(byte[] with) {
        int n = Math.min(with.length, received.readableBytes());
        for (int i = 0; i < n; i++) {
            if (received.getByte(received.readerIndex() + i) != with[i]) {
                return false;
            }
        }
        return true;
    }

    /** Length of the head with its empty line, or -1; bytes are looked at once. */
    private int endOfHead() {
        int start = received.readerIndex();
        int from = start + Math.max(0, searched - END_OF_HEAD);
        searched = received.readableBytes();
        for (int i = from; i < received.writerIndex() - 1; i++) {
            if (received.getByte(i) == '\n') {
                int after = received.getByte(i + 1) == '\r' ? i + 2 : i + 1;
                if (after < received.writerIndex() && received.getByte(after) == '\n') {
                    return after + 1 - start;
                }
            }
        }
        return -1;
    }

    private void establish(ChannelHandlerContext ctx) {
        established = true;
        stopTimer();
        ctx.pipeline().addLast(next);
        if (!opened.trySuccess(ctx.channel())) {
            ctx.close();
        }
    }

    /** The first one to read gets what is here, then the channel, and this handler goes. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!established) {
            ctx.read();
        } else if (!received.isReadable()) {
            ctx.pipeline().remove(this);
            ctx.read();
        } else {
            ctx.executor().execute(() -> handOn(ctx)); // not amidst the reader's own call
        }
    }

    private void handOn(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved()) {
            ByteBuf early = received;
            received = Unpooled.EMPTY_BUFFER;
            ctx.fireChannelRead(early);
            ctx.fireChannelReadComplete();
            if (!ctx.isRemoved()) { // unless the reader asked for more
                ctx.pipeline().remove(this);
                ctx.read();
            }
        }
    }

    private void fail(ChannelHandlerContext ctx, ProxyRefusedException why) {
        stopTimer();
        if (opened.tryFailure(why)) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, ProxyRefusedException.dead("ended the connection before it answered"));
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (established) {
            ctx.fireExceptionCaught(cause);
        } else {
            fail(ctx, ProxyRefusedException.dead("ended the connection before it answered"));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopTimer();
        received.release();
        received = Unpooled.EMPTY_BUFFER;
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
