// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.ZstdOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.DecompressionException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamDecoderTest {
    private static final int MIB = 1 << 20;

    private static OutputStream encoder(String coding, OutputStream out) throws IOException {
        return switch (coding) {
            case "gzip" -> new GZIPOutputStream(out, 512, true);
            case "zstd" -> new ZstdOutputStream(out);
            case "br" -> {
                Brotli4jLoader.ensureAvailability();
                yield new BrotliOutputStream(out, Encoder.Parameters.create(5));
            }
            default -> out;
        };
    }

    private static byte[] zeros(String coding, int mebibytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream encoder = encoder(coding, out)) {
            for (int i = 0; i < mebibytes; i++) {
                encoder.write(new byte[MIB]);
            }
        }
        return out.toByteArray();
    }

    private static StreamDecoder decoder(String coding) {
        return StreamDecoder.of(coding).orElseThrow();
    }

    private static byte[] decode(StreamDecoder decoder, byte[] piece) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuf buf = Unpooled.wrappedBuffer(piece);
        while (buf.isReadable() || decoder.pending()) {
            out.writeBytes(decoder.decode(buf));
        }
        assertThat(buf.refCnt()).isEqualTo(1);
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip"})
    void noStepOfABombIsLarge(String coding) throws IOException {
        int mebibytes = 160;
        byte[] bomb = zeros(coding, mebibytes);
        assertThat(bomb.length).isLessThan(mebibytes * MIB / 900);
        StreamDecoder decoder = decoder(coding);
        ByteBuf buf = Unpooled.wrappedBuffer(bomb);
        long all = 0;
        int largest = 0;
        while (buf.isReadable() || decoder.pending()) {
            int step = decoder.decode(buf).length;
            largest = Math.max(largest, step);
            all += step;
        }
        decoder.close();
        decoder.close();
        assertThat(all).isEqualTo((long) mebibytes * MIB);
        assertThat(largest).isLessThanOrEqualTo(StreamDecoder.MAX_STEP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip", "identity"})
    void whatWasFlushedComesAtOnceWhereverItIsCut(String coding) throws IOException {
        Random random = new Random(7);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        StreamDecoder decoder = decoder(coding);
        try (OutputStream encoder = encoder(coding, wire)) {
            for (int i = 0; i < 200; i++) {
                byte[] event = new byte[random.nextInt(1, 3000)];
                random.nextBytes(event);
                encoder.write(event);
                encoder.flush();
                byte[] compressed = wire.toByteArray();
                wire.reset();
                ByteArrayOutputStream got = new ByteArrayOutputStream();
                int cut = random.nextInt(compressed.length + 1);
                got.writeBytes(decode(decoder, Arrays.copyOf(compressed, cut)));
                got.writeBytes(
                        decode(decoder, Arrays.copyOfRange(compressed, cut, compressed.length)));
                assertThat(got.toByteArray()).as("event %s", i).isEqualTo(event);
            }
        }
        assertThat(decode(decoder, wire.toByteArray())).isEmpty();
        decoder.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip", "deflate"})
    void garbageIsMalformed(String coding) {
        StreamDecoder decoder = decoder(coding);
        byte[] garbage = new byte[300];
        Arrays.fill(garbage, (byte) 0xff);
        assertThatThrownBy(() -> decode(decoder, garbage))
                .isInstanceOf(DecompressionException.class);
        decoder.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip, br", "compress", "zstd;x"})
    void otherCodingsAreNotKnown(String coding) {
        assertThat(StreamDecoder.of(coding)).isEmpty();
    }
}
