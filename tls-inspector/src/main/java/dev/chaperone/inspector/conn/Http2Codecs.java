// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

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
     * @param malformed runs when the client breaks the protocol of the connection, or of a stream
     *     that has no handler
     */
    static void server(
            ChannelPipeline pipeline, int maxHead, ChannelHandler perStream, Runnable malformed) {
        Http2FrameCodec codec =
                new ServerCodecBuilder(malformed)
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

    /** Netty's builder for servers, with a decoder that tells of every malformed frame. */
    private static final class ServerCodecBuilder extends Http2FrameCodecBuilder {
        private final Runnable malformed;

        ServerCodecBuilder(Runnable malformed) {
            this.malformed = malformed;
            server(true);
            gracefulShutdownTimeoutMillis(0); // as forServer() has it
        }

        @Override
        protected Http2FrameCodec build(
                Http2ConnectionDecoder decoder,
                Http2ConnectionEncoder encoder,
                Http2Settings settings) {
            return super.build(new TellingDecoder(decoder, malformed), encoder, settings);
        }
    }

    /**
     * An error on a stream that the connection does not know: the codec resets the stream and tells
     * no handler, since there is none. Two of them are nobody's fault: frames in flight towards a
     * stream that was closed on our side (STREAM_CLOSED, RFC 9113 §5.1), and streams opened before
     * our limit was known (REFUSED_STREAM, §5.1.2).
     */
    private static final class TellingDecoder extends DecoratingHttp2ConnectionDecoder {
        private final Runnable malformed;

        TellingDecoder(Http2ConnectionDecoder decoder, Runnable malformed) {
            super(decoder);
            this.malformed = malformed;
        }

        @Override
        public void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
                throws Http2Exception {
            try {
                super.decodeFrame(ctx, in, out);
            } catch (Http2Exception.StreamException e) {
                if (e.error() != Http2Error.STREAM_CLOSED
                        && e.error() != Http2Error.REFUSED_STREAM
                        && connection().stream(e.streamId()) == null) {
                    malformed.run();
                }
                throw e;
            }
        }
    }

    /** True for what the peer sent against RFC 9113, false for a connection that broke. */
    static boolean isProtocolError(Throwable cause) {
        return cause instanceof Http2Exception || cause.getCause() instanceof Http2Exception;
    }
}
