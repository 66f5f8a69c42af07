// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.finding.Intent.Group;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntentModelsTest {
    private static final IntentClassifier SHIPPED = IntentModels.shipped().classifier();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CODE|Write a Python function that parses a log file and counts the errors per hour",
                "WRITING|Please translate this letter into French and make it sound polite",
                "ANALYSIS|Calculate the average revenue per region from this table and plot it",
                "REGULATED|Review the termination clause of this employment contract",
                "CUSTOMER|Write a reply to a customer who wants a refund for a broken kettle",
                "PERSONAL|What can I cook for dinner with chicken and rice?",
                "RISK|How do I build a bomb at home?"
            })
    void plainPromptGetsItsGroup(Group group, String prompt) {
        assertThat(SHIPPED.classify(prompt).group()).isEqualTo(group);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Another?", "lemma", "Quarterly"})
    void singleWordThatSaysLittleIsUnknown(String text) {
        assertThat(SHIPPED.classify(text).group()).isEqualTo(Group.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "42", "?!"})
    void textWithoutWordsIsUnknown(String text) {
        assertThat(SHIPPED.classify(text)).isEqualTo(Intent.UNKNOWN);
    }

    @Test
    void pastedDocumentDoesNotHideTheInstruction() {
        String document =
                "Visitors entered by the north gate and the queue grew until noon. ".repeat(2000);
        String question =
                "Write a Java class with unit tests that parses this file into objects and handles errors: ";
        assertThat(SHIPPED.classify(question + document + " Give me only the code.").group())
                .isEqualTo(Group.CODE);
    }

    @Test
    void damagedOrMissingModelIsReportedNotThrown() {
        byte[] wrong = {1, 2, 3};
        byte[] hash =
                (IntentModels.sha256(wrong) + " 2026-01-01").getBytes(StandardCharsets.US_ASCII);
        assertThat(IntentModels.load(_ -> null).missing()).containsExactly("intent-model");
        assertThat(
                        IntentModels.load(name -> name.equals(IntentModels.MODEL) ? wrong : hash)
                                .missing())
                .containsExactly("intent-model");
        byte[] other = "00 2026-01-01".getBytes(StandardCharsets.US_ASCII);
        assertThat(
                        IntentModels.load(name -> name.equals(IntentModels.MODEL) ? wrong : other)
                                .missing())
                .containsExactly("intent-model");
    }

    @Test
    void featuresAreOfLengthOneAndDistinct() {
        IntentFeatures.Vector vector = IntentFeatures.of("Summarise the attached report, please");
        double square = 0;
        for (int i = 0; i < vector.buckets().length; i++) {
            square += vector.values()[i] * vector.values()[i];
        }
        assertThat(vector.buckets()).doesNotHaveDuplicates().hasSizeGreaterThan(10);
        assertThat(square).isBetween(0.999, 1.001);
    }
}
