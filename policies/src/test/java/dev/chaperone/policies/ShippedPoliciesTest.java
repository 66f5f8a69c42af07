// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.RuleId;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShippedPoliciesTest {
    private static final Schema SCHEMA =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(PolicyDocument.resourceText("schema/policy.schema.json"));

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "strict", "allow-all"})
    void casesWithoutDetectionAreGreen(String name) {
        PolicyTests.Report report =
                PolicyTests.runWithoutDetection(PolicyEngine.compile(PolicyDocument.shipped(name)));
        assertThat(report.firstFailure()).isEmpty();
        assertThat(report.green()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"baseline.yaml", "strict.yaml", "allow-all.yaml", "every-key.yaml"})
    void documentsMeetTheSchema(String name) {
        assertThat(SCHEMA.validate(PolicyDocument.resourceText(name), InputFormat.YAML)).isEmpty();
    }

    @Test
    void theSchemaRefusesWhatTheReaderRefuses() {
        String every = PolicyDocument.resourceText("every-key.yaml");
        for (List<String> change :
                List.of(
                        List.of("version: 1", "version: 2"),
                        List.of("oversize: warn", "oversize: redact"),
                        List.of("    when:", "    whenn:"),
                        List.of("count: 2", "count: 0"),
                        List.of("        expect: coach\n", ""))) {
            String wrong = every.replace(change.get(0), change.get(1));
            assertThat(SCHEMA.validate(wrong, InputFormat.YAML)).as(change.get(1)).isNotEmpty();
        }
    }

    /** Without detection only: rules whose proof needs a text are proved by `policy test`. */
    @ParameterizedTest
    @ValueSource(strings = {"baseline", "strict"})
    void removingAnyRuleTurnsOneOfItsStatedCasesRed(String name) {
        PolicyDocument document = PolicyDocument.shipped(name);
        PolicyEngine engine = PolicyEngine.compile(document);
        for (PolicyRule rule : document.rules()) {
            boolean onlyText =
                    rule.tests().stream()
                            .noneMatch(
                                    test -> test.text() == null && test.expect() != Action.ALLOW);
            if (!onlyText) {
                assertThat(
                                PolicyTests.runWithoutDetection(engine.without(rule.id()))
                                        .firstFailure())
                        .as(rule.id().value())
                        .isPresent();
            }
        }
    }

    @Test
    void theBaselineNeverHoldsAndNeverRefuses() {
        PolicyDocument baseline = PolicyDocument.baseline();
        assertThat(baseline.rules())
                .allSatisfy(rule -> assertThat(rule.then().action()).isEqualTo(Action.REDACT));
        assertThat(baseline.defaults().unreadable()).isEqualTo(Action.ALLOW);
        assertThat(baseline.defaults().oversize()).isEqualTo(Action.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "strict"})
    void everyCoachingIdHasATextInEveryLanguage(String name) {
        var used =
                PolicyDocument.shipped(name).rules().stream()
                        .map(rule -> rule.then().coaching())
                        .filter(id -> !id.isEmpty())
                        .collect(Collectors.toSet());
        for (String language : List.of("en", "de")) {
            CoachingTexts texts = CoachingTexts.shipped(language);
            assertThat(texts.language()).isEqualTo(language);
            assertThat(texts.ids()).containsAll(used);
        }
    }

    @Test
    void explanationsNameTypesAndNoValues() {
        var decision =
                PolicyEngine.baseline()
                        .evaluate(
                                Samples.found("SECRET.github-pat", "CREDIT_CARD"),
                                PolicyContext.builder().build());
        assertThat(decision.why().message())
                .isEqualTo("Removed before sending (rule 'secrets-out'): 1 CREDIT_CARD, 1 SECRET.");
        assertThat(decision.why().coaching()).isEqualTo("secret-found");
        assertThat(decision.rule()).isEqualTo(new RuleId("secrets-out"));
    }
}
