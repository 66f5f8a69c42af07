// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.server.SamplePolicy;
import dev.chaperone.server.cli.PolicyCheckMain;
import dev.chaperone.server.http.Problem;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PolicyCheckProcessTest {
    private final PolicyCheck check = new PolicyCheckProcess(PolicyCheckMain.class.getName());

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void saysTheSameAsInThisProcess() throws Exception {
        String bad = SamplePolicy.YAML.replace("redact}", "redakt}");
        assertThat(check.firstError("q.yaml", utf8(bad)))
                .isPresent()
                .isEqualTo(PolicyCheck.here("q.yaml", utf8(bad)));
        assertThat(check.firstError("p.yaml", utf8(SamplePolicy.YAML))).isEmpty();
    }

    @Test
    void processThatFailsIsNotTakenForConsent() {
        PolicyCheck broken = new PolicyCheckProcess("dev.chaperone.NoSuchClass");
        assertThatThrownBy(() -> broken.firstError("p.yaml", utf8(SamplePolicy.YAML)))
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.code()).isEqualTo("CHP-SRV-041"));
    }
}
