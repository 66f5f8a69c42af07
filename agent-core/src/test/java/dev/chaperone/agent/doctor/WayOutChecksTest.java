// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WayOutChecksTest {
    private static final String UNREACHABLE = "no-such-host.invalid"; // RFC 6761 section 6.4

    private static Check only(Optional<String> proxy, Optional<String> named) {
        List<Check> checks = WayOutChecks.examine(proxy, named, UNREACHABLE, "en");
        assertThat(checks).hasSize(1);
        return checks.getFirst();
    }

    @Test
    void proxyThatIsThereAndNotUsedIsMissing() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Check check = only(Optional.empty(), Optional.of("127.0.0.1:" + proxy.getLocalPort()));
            assertThat(check.says()).contains("without it no AI service can be reached");
            assertThat(check.remedy()).contains("set upstream-proxy");
            assertThat(check.state()).isEqualTo(State.BAD);
            assertThat(check.evidence()).endsWith(":443 without a proxy: UnknownHostException");
        }
    }

    @Test
    void withoutANetworkNothingIsSaidAboutSettings() {
        for (String named : List.of("proxy." + UNREACHABLE + ":3128", "proxy.test:99999")) {
            Check check = only(Optional.empty(), Optional.of(named));
            assertThat(check.says()).contains("neither AI services nor the proxy " + named);
            assertThat(check.state()).isEqualTo(State.NOTE);
            assertThat(check.remedy()).contains("network and VPN");
        }
    }

    @Test
    void configuredProxyThatIsNotThere() {
        Check check = only(Optional.of("proxy." + UNREACHABLE + ":3128"), Optional.empty());
        assertThat(check.says()).contains("cannot be reached");
        assertThat(check.state()).isEqualTo(State.BAD);
        assertThat(check.remedy()).contains("mend upstream-proxy");
        assertThat(check.evidence()).endsWith(":3128: UnknownHostException");
    }

    /** A proxy that answers each connection with one line, or closes it. */
    private static Check answering(String line) throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread answers =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Socket client = proxy.accept()) {
                                    BufferedReader in =
                                            new BufferedReader(
                                                    new InputStreamReader(
                                                            client.getInputStream(),
                                                            StandardCharsets.US_ASCII));
                                    String asked = in.readLine();
                                    if (("CONNECT " + UNREACHABLE + ":443 HTTP/1.1")
                                            .equals(asked)) {
                                        client.getOutputStream()
                                                .write(line.getBytes(StandardCharsets.US_ASCII));
                                    }
                                } catch (IOException e) {
                                    // The check then says that nothing was answered.
                                }
                            });
            Check check = only(Optional.of("127.0.0.1:" + proxy.getLocalPort()), Optional.empty());
            answers.join();
            return check;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 200 Connection established, OK, and it opens them, '', 200",
        "HTTP/1.0 200 OK, OK, and it opens them, '', 200",
        "HTTP/1.1 407 Sign in, BAD, asks for a sign-in (407), without a sign-in, 407",
        "HTTP/1.1 403 No, BAD, does not open connections to AI services: status 403, allow CONNECT, 403",
        "SSH-2.0-x, BAD, does not answer as an HTTP proxy, no SOCKS, no HTTP answer",
        "'', BAD, does not answer as an HTTP proxy, a plain HTTP proxy, no HTTP answer",
    })
    void configuredProxyThatAnswers(
            String line, State state, String says, String remedy, String seen) throws Exception {
        Check check = answering(line.isEmpty() ? "" : line + "\r\n\r\n");
        assertThat(check.state()).isEqualTo(state);
        assertThat(check.says()).contains(says);
        assertThat(check.remedy()).contains(remedy);
        assertThat(check.remedy().isEmpty()).isEqualTo(state == State.OK);
        assertThat(check.evidence())
                .startsWith("CONNECT " + UNREACHABLE + ":443 by 127.0.0.1:")
                .endsWith(": " + seen);
    }

    @Test
    void serviceThatIsReachedWithoutTheProxyOfThePacFile() throws Exception {
        try (ServerSocket service = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CheckList checks = new CheckList("device", "en");
            new WayOutChecks(checks, "127.0.0.1", service.getLocalPort()).direct("proxy.test:3128");
            Check check = checks.all().getFirst();
            assertThat(check.state()).isEqualTo(State.NOTE);
            assertThat(check.says()).contains("names the proxy proxy.test:3128").contains("works");
            assertThat(check.remedy()).contains("upstream-proxy: http://proxy.test:3128");
            assertThat(check.evidence()).endsWith("without a proxy: connected");
        }
    }

    @Test
    void pacFileIsReadForItsProxy(@TempDir Path folder) throws Exception {
        Path pac = folder.resolve("proxy.pac");
        assertThat(WayOutChecks.proxyOf(pac.toString())).isEmpty();
        Files.writeString(pac, "return 'DIRECT; PROXY p.test:3128; PROXY q.test:1'");
        assertThat(WayOutChecks.proxyOf(pac.toString())).contains("p.test:3128");
        Files.writeString(pac, "return 'DIRECT'");
        assertThat(WayOutChecks.proxyOf(pac.toString())).isEmpty();
        Files.writeString(pac, " ".repeat(1 << 20) + "PROXY p.test:3128");
        assertThat(WayOutChecks.proxyOf(pac.toString())).isEmpty();
        assertThat(WayOutChecks.proxyOf(folder.toString())).isEmpty();
    }

    @Test
    void nothingIsSaidWhereNoProxyIsNamed() {
        assertThat(WayOutChecks.examine(Optional.empty(), Optional.empty(), UNREACHABLE, "en"))
                .isEmpty();
        assertThat(WayOutChecks.examine(Optional.empty(), "en")).isEmpty();
    }
}
