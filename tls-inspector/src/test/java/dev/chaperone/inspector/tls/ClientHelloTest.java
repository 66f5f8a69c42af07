// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.tls.ClientHello.Peek;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloTest {
    /** A real hello of the JDK's engine. */
    private static byte[] hello(String host, String... alpn) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, null, null);
        SSLEngine engine = context.createSSLEngine(host, 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(alpn);
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(32768);
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    @Test
    void readsNameProtocolsGroupsAndVersion() throws Exception {
        Peek peek = ClientHello.peek(ByteBuffer.wrap(hello("Chat.Test", "h2", "http/1.1")));
        assertThat(peek)
                .isInstanceOfSatisfying(
                        Peek.Hello.class,
                        h -> {
                            assertThat(h.hello().serverName()).isEqualTo("chat.test");
                            assertThat(h.hello().alpn()).containsExactly("h2", "http/1.1");
                            assertThat(h.hello().hasAlpn()).isTrue();
                            assertThat(h.hello().groups()).contains(29); // X25519
                            assertThat(h.hello().version()).isEqualTo(0x0304);
                            assertThat(h.hello().offersPostQuantum()).isFalse();
                        });
    }

    @Test
    void needsMoreAtEveryShorterLength() throws Exception {
        byte[] whole = hello("chat.test", "h2");
        for (int n = 0; n < whole.length; n++) {
            assertThat(ClientHello.peek(ByteBuffer.wrap(whole, 0, n)))
                    .as("%d bytes", n)
                    .isInstanceOf(Peek.NeedMore.class);
        }
    }

    @Test
    void reassemblesAHelloCutIntoRecords() throws Exception {
        byte[] whole = hello("chat.test", "h2");
        for (int cut = 1; cut < whole.length - 5; cut += 7) {
            ByteBuffer two = ByteBuffer.allocate(whole.length + 5);
            two.put(whole, 0, 3).putShort((short) cut).put(whole, 5, cut);
            two.put(whole, 0, 3)
                    .putShort((short) (whole.length - 5 - cut))
                    .put(whole, 5 + cut, whole.length - 5 - cut);
            assertThat(ClientHello.peek(two.flip()))
                    .as("cut at %d", cut)
                    .isInstanceOf(Peek.Hello.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", "SSH-2.0-x", "\u0016\u0004"})
    void tellsOtherProtocols(String first) {
        assertThat(
                        ClientHello.peek(
                                ByteBuffer.wrap(
                                        first.getBytes(
                                                java.nio.charset.StandardCharsets.ISO_8859_1))))
                .isInstanceOf(Peek.NotTls.class);
    }

    @Test
    void mutatedHellosNeverThrow() throws Exception {
        byte[] whole = hello("chat.test", "h2", "http/1.1");
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = whole.clone();
            for (int k = 0; k < 1 + random.nextInt(4); k++) {
                bad[3 + random.nextInt(bad.length - 3)] = (byte) random.nextInt();
            }
            assertThat(ClientHello.peek(ByteBuffer.wrap(bad))).isNotNull();
        }
    }
}
