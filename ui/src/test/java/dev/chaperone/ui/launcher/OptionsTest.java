// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.ui.common.Look;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    private static final Path HOME = Path.of("/home/somebody");

    private @TempDir Path runtime;

    private static Options parse(Map<String, String> environment, String... arguments)
            throws Options.UsageException {
        return Options.parse(List.of(arguments), environment, HOME);
    }

    @Test
    void socketIsWhereTheAgentPutsIt() throws Exception {
        assertThat(parse(Map.of()).socket())
                .isEqualTo(HOME.resolve(".local/share/chaperone/agent.sock"));
        assertThat(parse(Map.of("XDG_DATA_HOME", "/data")).socket())
                .isEqualTo(Path.of("/data/chaperone/agent.sock"));
        assertThat(parse(Map.of("XDG_RUNTIME_DIR", runtime.toString())).socket())
                .isEqualTo(runtime.resolve("chaperone.sock"));
        assertThat(
                        parse(Map.of("XDG_RUNTIME_DIR", runtime.toString()), "--data-dir", "/d")
                                .socket())
                .isEqualTo(Path.of("/d/agent.sock"));
        assertThat(parse(Map.of(), "--socket=/s/a.sock").socket()).isEqualTo(Path.of("/s/a.sock"));
    }

    @Test
    void everyOptionIsRead() throws Exception {
        Options all =
                parse(
                        Map.of(),
                        "--demo",
                        "--language",
                        "de",
                        "--theme",
                        "dark",
                        "--show",
                        "collected",
                        "--no-tray");
        assertThat(all.demo()).isTrue();
        assertThat(all.language()).isEqualTo("de");
        assertThat(all.theme()).isEqualTo(Look.Theme.DARK);
        assertThat(all.show()).containsExactly(Options.Show.COLLECTED);
        assertThat(all.tray()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--frobnicate|unknown argument",
                "--theme blue|--theme: one of light, dark, system",
                "--show all|--show: one of card",
                "--language fr|--language: en or de",
                "--socket|needs a value",
                "--socket /a --data-dir /b|not both",
            })
    void wrongUseSaysWhatToDo(String arguments, String says) {
        assertThatThrownBy(() -> parse(Map.of(), arguments.split(" ")))
                .isInstanceOf(Options.UsageException.class)
                .hasMessageContaining(says);
    }

    @Test
    void pathThatNoSocketCanHaveIsRefused() {
        assertThatThrownBy(() -> parse(Map.of(), "--socket", "/" + "x".repeat(120)))
                .hasMessageContaining("longer than 107 bytes");
    }
}
