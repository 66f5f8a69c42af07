// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class YamlTreeTest {
    private static PolicyFormatException failure(byte[] yaml) {
        return catchThrowableOfType(
                PolicyFormatException.class, () -> YamlTree.read(yaml, "p.yaml").line());
    }

    static Stream<List<String>> hostile() {
        return Stream.of(
                List.of("a: &x [1]\nb: *x", "1: anchors"),
                List.of("a: 1\nb: *x", "2: aliases are not allowed"),
                List.of("a: !!java.net.URL [x]", "1: tags"),
                List.of("a: 1\nb: !custom x", "2: tags"),
                List.of("a: 1\n---\nb: 2", "2: a second document"),
                List.of("- a\n- b", "1: expected keys"),
                List.of("", "1: expected keys"),
                List.of("just text", "1: expected keys"),
                List.of("a: 1\na: 2", "2: the key 'a' stands twice"),
                List.of("? [a]\n: 1", "1: not plain YAML 1.2"),
                List.of("a: 1\nb: [1, 2\nc: 3", "3: not YAML"),
                List.of("a: \"canary", "1: not YAML"),
                List.of("a: 1\n\tb: 2", "2: not YAML"),
                List.of("a: \u0007", "1: not plain YAML"),
                List.of("a: %canary", "1: not YAML"),
                List.of("a: " + "[".repeat(40) + "]".repeat(40), "1: nested deeper than 16"));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void whatIsNoPlainDocumentIsRefusedInOneLine(List<String> sample) {
        PolicyFormatException failure = failure(sample.get(0).getBytes(StandardCharsets.UTF_8));
        assertThat(failure)
                .hasMessageContaining(sample.get(1))
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("canary");
    }

    @Test
    void sizeAndEncodingAreChecked() {
        assertThat(failure(new byte[YamlTree.MAX_BYTES + 1])).hasMessageContaining("larger than");
        assertThat(failure(new byte[] {'a', ':', ' ', (byte) 0xff}))
                .hasMessage("p.yaml:1: not UTF-8: save the file as UTF-8");
    }

    @Test
    void deepNestingOfAMegabyteEndsQuickly() {
        byte[] yaml = "[".repeat(1 << 19).getBytes(StandardCharsets.UTF_8);
        assertThat(failure(yaml)).hasMessageContaining("nested deeper");
    }
}
