// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service's side of one HTTP/2 stream (RFC 9113). What is written before the stream is open
 * waits.
 */
final class Http2UpstreamLeg extends ChannelInboundHandlerAdapter implements UpstreamLeg {
    private final ExchangeFlow flow;
    private final List<Object> early = new ArrayList<>();
    private @Nullable Channel stream;
    private boolean dead;

    private Http2UpstreamLeg(ExchangeFlow flow) {
        this.flow = flow;
    }

    /** Opens a stream on a connection that speaks HTTP/2. */
    static UpstreamLeg.Opener on(Channel connection) {
        return flow -> {
            Http2UpstreamLeg leg = new Http2UpstreamLeg(flow);
            new Http2StreamChannelBootstrap(connection)
                    .handler(leg)
                    .open()
                    .addListener(leg::opened);
            return leg;
        };
    }

    private void opened(Future<? super Http2StreamChannel> opening) {
        if (!opening.isSuccess()) {
            dead = true;
            early.forEach(ReferenceCountUtil::release);
            early.clear();
            flow.loop().execute(() -> flow.upstreamGone("CHP-UP-003"));
            return;
        }
        Channel opened = (Channel) opening.getNow();
        stream = opened;
        if (dead) {
            early.forEach(ReferenceCountUtil::release);
            opened.close();
            return;
        }
        early.forEach(opened::write);
        early.clear();
        opened.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        switch (msg) {
            case Http2HeadersFrame frame -> headers(frame);
            case Http2DataFrame frame -> flow.responseData(frame.content(), frame.isEndStream());
            default -> ReferenceCountUtil.release(msg);
        }
    }

    private void headers(Http2HeadersFrame frame) {
        Http2Headers block = frame.headers();
        CharSequence status = block.status();
        if (status == null) {
            flow.responseTrailers(HttpFields.of(block));
            return;
        }
        try {
            flow.responseHead(
                    new ResponseHead(Integer.parseInt(status.toString()), "", HttpFields.of(block)),
                    frame.isEndStream());
        } catch (NumberFormatException e) {
            flow.upstreamGone("CHP-UP-005");
            abort();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        flow.upstreamReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        flow.upstreamWritable();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            gone();
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        gone();
        ctx.close();
    }

    private void gone() {
        if (!dead) {
            dead = true;
            flow.upstreamGone("CHP-UP-003");
        }
    }

    // ---- UpstreamLeg

    @Override
    public void requestHead(RequestHead head, boolean end) {
        DefaultHttp2Headers block = new DefaultHttp2Headers(false, head.headers().size() + 4);
        block.method(head.method());
        block.scheme(head.scheme());
        block.authority(head.header("host").orElse(head.host()));
        block.path(head.target());
        write(new DefaultHttp2HeadersFrame(HttpFields.http2(block, head.headers()), end));
    }

    @Override
    public void requestData(ByteBuf data, boolean end) {
        write(new DefaultHttp2DataFrame(data, end));
    }

    @Override
    public void requestTrailers(List<HeaderField> trailers) {
        write(new DefaultHttp2HeadersFrame(HttpFields.http2(trailers), true));
    }

    private void write(Object message) {
        Channel to = stream;
        if (dead) {
            ReferenceCountUtil.release(message);
        } else if (to == null) {
            early.add(message);
        } else {
            to.write(message);
        }
    }

    @Override
    public void flush() {
        if (stream != null) {
            stream.flush();
        }
    }

    @Override
    public void abort() {
        dead = true;
        if (stream != null) {
            stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        }
    }

    @Override
    public void setReading(boolean on) {
        if (stream != null) {
            stream.config().setAutoRead(on);
        }
    }

    @Override
    public boolean writable() {
        return stream == null ? early.size() < 64 : stream.isWritable();
    }
}
