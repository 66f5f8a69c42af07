// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Quoting for shells; the POSIX one is also tried in a real shell (verification, ExecTest). */
class ShellTest {
    private static final String NASTY = "it's \"$x\" `id` \\";

    @Test
    void valueIsOneWord() {
        assertThat(Shell.SH.export("N", NASTY)).isEqualTo("export N='it'\\''s \"$x\" `id` \\'");
        assertThat(Shell.FISH.export("N", NASTY)).isEqualTo("set -gx N 'it\\'s \"$x\" `id` \\\\'");
        assertThat(Shell.POWERSHELL.export("N", "a'b\u2019c"))
                .isEqualTo("$env:N = 'a''b\u2019\u2019c'");
    }

    @Test
    void shellsAreKnownByTheirNames() {
        assertThat(Shell.named("zsh")).contains(Shell.SH);
        assertThat(Shell.named("PWSH")).contains(Shell.POWERSHELL);
        assertThat(Shell.named("cmd")).isEmpty();
    }

    @Test
    void variablesComeBackAsTheyWere() {
        Map<String, String> own = Map.of("A", "mine", "B", "stays");
        Map<String, String> set = Variables.over(own, Map.of("A", "ours", "C", "ours"));
        Map<String, String> all = new java.util.HashMap<>(own);
        all.putAll(set);
        assertThat(all).containsEntry("A", "ours").containsEntry("C", "ours");
        assertThat(Variables.withoutOurs(all)).isEqualTo(own);
        assertThat(Variables.takenBack(all))
                .containsEntry("A", Optional.of("mine"))
                .containsEntry("C", Optional.empty())
                .doesNotContainKey("B");
        assertThat(Variables.takenBack(own)).isEmpty();
    }
}
