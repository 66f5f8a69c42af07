// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VendorTokensTest {
    private static final long SEED = 7;

    static Stream<String> samples() {
        Random random = new Random(SEED);
        return VendorTokens.all().stream()
                .map(d -> ((VendorTokenDetector) d).shape().sample(random::nextInt));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void tokenOfEveryShapeIsFoundInProse(String token) {
        String text = "use " + token + " for it";
        assertThat(Found.findings(text))
                .anySatisfy(f -> {
                    assertThat(f.group()).isIn("SECRET", "CONNECTION_STRING");
                    assertThat(f.span().start()).isLessThanOrEqualTo(4);
                    assertThat(f.span().end()).isEqualTo(4 + token.length());
                });
    }

    @ParameterizedTest
    @MethodSource("samples")
    void tokenInsideAWordIsNotOne(String token) {
        VendorTokenDetector[] hit =
                VendorTokens.all().stream()
                        .map(VendorTokenDetector.class::cast)
                        .toArray(VendorTokenDetector[]::new);
        assertThat(hit).isNotEmpty();
        assertThat(
                        Found.findings("ab" + token).stream()
                                .filter(f ->
                                        f.span().start() == 0
                                                && f.detector().equals("vendor-token")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ghp_short",
                "sk-...",
                "glpat-<token>",
                "xoxb-your-token",
                "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "hf_model_name",
                "SG.foo.bar",
                "npm_config_registry",
                "AKIA_NOT_A_KEY",
                "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
                "pk_live_51H8xampleexample",
                "dapi",
                "s.toString"
            })
    void placeholderIsNotFound(String text) {
        assertThat(Found.types("set it to " + text + " here")).isEmpty();
    }

    @Test
    void checksumOfGitHubRaisesTheTier() {
        String random = "0123456789ABCDEFGHIJabcdefghij";
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(random.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        String good = "ghp" + "_" + random + GitHubChecksum.base62(crc.getValue());
        assertThat(Found.findings(good))
                .singleElement()
                .extracting(f -> f.tier().name())
                .isEqualTo("VALIDATED");
        assertThat(Found.findings("ghp" + "_" + random + "zzzzzz"))
                .singleElement()
                .extracting(f -> f.tier().name())
                .isEqualTo("STRUCTURED");
    }
}
