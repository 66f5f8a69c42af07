// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InertTest {
    @Test
    void whatSteersATerminalIsReplacedAndTheRestStays() {
        assertThat(Inert.text("a\u001b[2Jb\rc\nd\u202ee\u200bf\u2028g"))
                .isEqualTo("a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg");
        assertThat(Inert.text("Grüße 你好 \ud83d\ude00")).isEqualTo("Grüße 你好 \ud83d\ude00");
        assertThat(Inert.text("x\ud83d")).isEqualTo("x\ufffd");
    }
}
