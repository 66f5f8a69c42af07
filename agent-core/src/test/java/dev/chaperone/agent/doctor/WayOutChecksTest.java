// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.ipc.AgentStatus.Check;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
        }
    }

    @Test
    void withoutANetworkNothingIsSaidAboutSettings() {
        for (String named : List.of("proxy." + UNREACHABLE + ":3128", "proxy.test:99999")) {
            assertThat(only(Optional.empty(), Optional.of(named)).says())
                    .contains("neither AI services nor the proxy " + named);
        }
    }

    @Test
    void configuredProxyThatIsNotThere() {
        assertThat(only(Optional.of("proxy." + UNREACHABLE + ":3128"), Optional.empty()).says())
                .contains("cannot be reached");
    }
}
