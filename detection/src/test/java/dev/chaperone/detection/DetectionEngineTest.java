// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.intent.IntentClassifier;
import dev.chaperone.detection.intent.IntentModels;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class DetectionEngineTest {
    private static final String TOKEN = "ghp" + "_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx";

    @Test
    void everySegmentIsScannedAndNamed() {
        List<Segment> segments =
                List.of(
                        new Segment(0, "hello", Origin.USER),
                        new Segment(1, TOKEN, Origin.TOOL_RESULT));
        assertThat(DetectionEngine.standard().assess(segments, "hello").findings())
                .singleElement()
                .matches(f -> f.segment() == 1);
    }

    @Test
    void missingModelIsSaidAndFindsDataAllTheSame() {
        var none =
                new IntentModels.Loaded(IntentClassifier.NONE, List.of(), List.of("intent-model"));
        Assessment assessment =
                DetectionEngine.with(none)
                        .assess(List.of(new Segment(0, TOKEN, Origin.USER)), TOKEN);
        assertThat(assessment.missing()).containsExactly("intent-model");
        assertThat(assessment.intent()).isEqualTo(Intent.UNKNOWN);
        assertThat(assessment.findings()).hasSize(1);
    }

    @Test
    void moreFindingsThanAreKeptIsSaid() {
        String many = "ab@firma.de ".repeat(60_000);
        Assessment assessment =
                DetectionEngine.standard().assess(List.of(new Segment(0, many, Origin.FILE)), "");
        assertThat(assessment.missing()).containsExactly(DetectionEngine.FINDING_LIMIT);
    }

    @Test
    void shippedModelIsThereAndNamed() {
        assertThat(DetectionEngine.standard().versions())
                .singleElement()
                .asString()
                .matches("intent-groups \\d{4}-\\d\\d-\\d\\d sha256:[0-9a-f]{12}");
    }

    @Test
    void valueSplitByInvisibleCharactersIsFoundWithThem() {
        String split =
                TOKEN.substring(0, 10)
                        + "\u200b"
                        + TOKEN.substring(10, 20)
                        + "\u2060"
                        + TOKEN.substring(20);
        assertThat(Found.in("use " + split + " now")).containsExactly("SECRET.github-pat=" + split);
    }

    @Test
    void fullWidthDigitsAreDigits() {
        String wide = "４５３９ ５７８７ ６３６２ １４８６";
        assertThat(Found.in("card " + wide)).containsExactly("CREDIT_CARD=" + wide);
    }

    @Test
    void encodedValueIsFoundWithItsEncoding() {
        String base64 =
                Base64.getEncoder()
                        .encodeToString(
                                ("{\"token\": \"" + TOKEN + "\"}")
                                        .getBytes(StandardCharsets.UTF_8));
        assertThat(Found.in("decode " + base64 + " please"))
                .containsExactly("SECRET.github-pat=" + base64);
        assertThat(Found.in("q=anna%40firma.de&x=1")).containsExactly("EMAIL=anna%40firma.de");
        assertThat(Found.in("\"a\\u0040firma.de\"")).containsExactly("EMAIL=a\\u0040firma.de");
        assertThat(Found.in("x%3D" + TOKEN + "%26")).containsExactly("SECRET.github-pat=" + TOKEN);
    }

    @Test
    void identifiersAndDigestsAreNoFindings() {
        assertThat(
                        Found.types(
                                "ae8b63a5-080c-6aa6-813d-2abda85daf7a c5e6dc456f73cba9787e6eaedfc44bfea20cc94c "
                                        + "sha512-nfy6nX+RXDIKwHEub136ai4FH7lCPKFVCYUEC9pb+fKJZJxVsmxBnRUy5z437u7rzp+fEtYJeSqXF3ltYo "
                                        + "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIxVlJzxpC88UghJDfO3nKQvFxnB306bwSgmxwIqhVch7"))
                .isEmpty();
    }

    @Test
    void textIsNeverInAString() {
        Assessment assessment =
                DetectionEngine.standard()
                        .assess(List.of(new Segment(0, TOKEN, Origin.USER)), TOKEN);
        assertThat(assessment.toString()).doesNotContain(TOKEN.substring(4, 12));
    }
}
