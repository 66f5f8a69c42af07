// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDecodingTest {
    private static final byte[] TEXT =
            "a prompt that repeats, a prompt that repeats".getBytes(StandardCharsets.UTF_8);

    @Test
    void everyCodingIsUndone() throws Exception {
        assertThat(ContentDecoding.decode("", TEXT, 100)).isEqualTo(TEXT);
        assertThat(ContentDecoding.decode("identity", TEXT, 100)).isEqualTo(TEXT);
        assertThat(ContentDecoding.decode("gzip", gzip(TEXT), 100)).isEqualTo(TEXT);
        assertThat(ContentDecoding.decode("X-GZIP", gzip(TEXT), 100)).isEqualTo(TEXT);
        assertThat(ContentDecoding.decode("deflate", deflate(TEXT, false), 100)).isEqualTo(TEXT);
        assertThat(ContentDecoding.decode("deflate", deflate(TEXT, true), 100)).isEqualTo(TEXT);
        assertThat(ContentDecoding.decode("zstd", Zstd.compress(TEXT), 100)).isEqualTo(TEXT);
        // "hello" as a Brotli stream (RFC 7932) of one uncompressed meta-block.
        byte[] br = Base64.getDecoder().decode("CwKAaGVsbG8D");
        assertThat(ContentDecoding.decode("br", br, 100))
                .isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aBodyLargerThanBrotlisWindowIsUndone() throws Exception {
        Brotli4jLoader.ensureAvailability();
        byte[] large = new byte[9_000_000];
        byte[] br = Encoder.compress(large, Encoder.Parameters.create(3));
        assertThat(ContentDecoding.decode("br", br, large.length)).isEqualTo(large);
        assertThat(reason("br", br)).isEqualTo(UndecodableException.Reason.TOO_LARGE);
        byte[] cut = Arrays.copyOf(Base64.getDecoder().decode("CwKAaGVsbG8D"), 7);
        assertThat(reason("br", cut)).isEqualTo(UndecodableException.Reason.MALFORMED);
    }

    @Test
    void severalCodingsAreUndoneInReverseOrder() throws Exception {
        byte[] twice = Zstd.compress(gzip(TEXT));
        assertThat(ContentDecoding.decode("gzip, zstd", twice, 1000)).isEqualTo(TEXT);
    }

    @Test
    void aBombIsRefusedBeforeItFillsTheMemory() throws Exception {
        byte[] bomb = gzip(new byte[50_000_000]);
        assertThat(reason("gzip", bomb)).isEqualTo(UndecodableException.Reason.TOO_LARGE);
        byte[] zeros = new byte[2000];
        Arrays.fill(zeros, (byte) 'a');
        assertThat(reason("zstd", Zstd.compress(zeros)))
                .isEqualTo(UndecodableException.Reason.TOO_LARGE);
        assertThat(reason("", zeros)).isEqualTo(UndecodableException.Reason.TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
    void aBodyThatIsNotCodedAsSaidIsMalformed(String coding) {
        assertThat(reason(coding, TEXT)).isEqualTo(UndecodableException.Reason.MALFORMED);
    }

    @Test
    void aTruncatedBodyIsMalformed() throws Exception {
        byte[] gzip = gzip(TEXT);
        assertThat(reason("gzip", Arrays.copyOf(gzip, gzip.length - 12)))
                .isEqualTo(UndecodableException.Reason.MALFORMED);
        byte[] zstd = Zstd.compress(TEXT);
        assertThat(reason("zstd", Arrays.copyOf(zstd, zstd.length - 3)))
                .isEqualTo(UndecodableException.Reason.MALFORMED);
    }

    @Test
    void anUnknownCodingIsNamedSo() {
        assertThat(reason("aes128gcm", TEXT)).isEqualTo(UndecodableException.Reason.UNKNOWN_CODING);
    }

    private static UndecodableException.Reason reason(String coding, byte[] body) {
        return catchThrowableOfType(
                        UndecodableException.class,
                        () -> ContentDecoding.decode(coding, body, 1000))
                .reason();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] plain, boolean raw) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, raw);
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, deflater)) {
            deflate.write(plain);
        }
        deflater.end();
        return out.toByteArray();
    }
}
