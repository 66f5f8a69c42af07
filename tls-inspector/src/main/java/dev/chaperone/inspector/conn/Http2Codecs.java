// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;

/** HTTP/2 on both legs: Netty's frame codec and one channel per stream. */
final class Http2Codecs {
    /**
     * A megabyte a stream, as browsers offer: a prompt with an image passes without waiting for
     * window updates.
     */
    private static final int STREAM_WINDOW = 1 << 20;

    private static final int CONNECTION_WINDOW_INCREMENT = 8 << 20;
    private static final int MAX_STREAMS = 100;

    private Http2Codecs() {}

    /**
     * Adds the client leg.
     *
     * @param perStream handles each new stream
     * @param malformed runs when the client breaks the protocol of the connection
     */
    static void server(
            ChannelPipeline pipeline, int maxHead, ChannelHandler perStream, Runnable malformed) {
        Http2FrameCodec codec =
                Http2FrameCodecBuilder.forServer()
                        .initialSettings(
                                Http2Settings.defaultSettings()
                                        .initialWindowSize(STREAM_WINDOW)
                                        .maxConcurrentStreams(MAX_STREAMS)
                                        .maxHeaderListSize(maxHead))
                        .validateHeaders(false)
                        .build();
        pipeline.addLast("http2", codec);
        pipeline.addLast("streams", new Http2MultiplexHandler(perStream));
        widen(pipeline, codec);
        pipeline.addLast("end", new Rest(malformed));
    }

    /** Adds the upstream leg. */
    static void client(ChannelPipeline pipeline, int maxHead) {
        Http2FrameCodec codec =
                Http2FrameCodecBuilder.forClient()
                        .initialSettings(
                                Http2Settings.defaultSettings()
                                        .initialWindowSize(STREAM_WINDOW)
                                        .pushEnabled(false)
                                        .maxHeaderListSize(maxHead))
                        .validateHeaders(false)
                        .encoderEnforceMaxConcurrentStreams(true)
                        .build();
        pipeline.addLast("http2", codec);
        pipeline.addLast(
                "streams",
                new Http2MultiplexHandler(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public boolean isSharable() {
                                return true;
                            }
                        }));
        widen(pipeline, codec);
        pipeline.addLast("end", new Rest(() -> {}));
    }

    private static void widen(ChannelPipeline pipeline, Http2FrameCodec codec) {
        ChannelHandlerContext ctx = pipeline.context(codec);
        try {
            codec.connection()
                    .local()
                    .flowController()
                    .incrementWindowSize(
                            codec.connection().connectionStream(), CONNECTION_WINDOW_INCREMENT);
            ctx.flush();
        } catch (Http2Exception e) {
            ctx.close();
        }
    }

    /**
     * Takes the frames of the connection itself (settings, ping, goaway), which the codec has
     * already answered.
     */
    private static final class Rest extends ChannelInboundHandlerAdapter {
        private final Runnable malformed;

        Rest(Runnable malformed) {
            this.malformed = malformed;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ReferenceCountUtil.release(msg);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            ReferenceCountUtil.release(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (isProtocolError(cause)) {
                malformed.run(); // the codec itself says goodbye with the error's code, and closes
            } else {
                ctx.close();
            }
        }
    }

    /** True for what the peer sent against RFC 9113, false for a connection that broke. */
    static boolean isProtocolError(Throwable cause) {
        return cause instanceof Http2Exception || cause.getCause() instanceof Http2Exception;
    }
}
