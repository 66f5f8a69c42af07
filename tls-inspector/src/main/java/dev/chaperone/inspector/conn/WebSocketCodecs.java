// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

/** WebSocket framing (RFC 6455) on one side of a relay. */
final class WebSocketCodecs {
    private WebSocketCodecs() {}

    /**
     * Adds encoder and decoder.
     *
     * @param fromClient whether the peer is the client, whose frames are masked
     * @param limit most bytes of a frame's payload
     */
    static void add(ChannelPipeline pipeline, boolean fromClient, int limit) {
        // Before the decoder, which itself says why it closes (RFC 6455 §7.4.1).
        pipeline.addLast("ws-encoder", new WebSocket13FrameEncoder(!fromClient));
        pipeline.addLast(
                "ws-decoder",
                new WebSocket13FrameDecoder(
                        WebSocketDecoderConfig.newBuilder()
                                .expectMaskedFrames(fromClient)
                                .allowMaskMismatch(!fromClient)
                                .allowExtensions(false)
                                .withUTF8Validator(false)
                                .closeOnProtocolViolation(true)
                                .maxFramePayloadLength(limit)
                                .build()));
    }
}
