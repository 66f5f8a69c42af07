// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.finding.Tier;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;

class FactsTest {
    private static Finding email(int segment, int start, int end, String masked) {
        return new Finding(
                "EMAIL",
                segment,
                new Span(start, end),
                start == 0 ? 0.4 : 0.8,
                Tier.STRUCTURED,
                "email",
                masked,
                false);
    }

    @Test
    void budgetsCountDifferentValuesOfTheTexts() {
        PolicyContext context =
                PolicyContext.builder()
                        .segments(List.of(new Segment(0, "a@b.c A@B.C d@e.f", Origin.USER)))
                        .build();
        Facts facts =
                new Facts(
                        List.of(email(0, 0, 5, "*"), email(0, 6, 11, "*"), email(0, 12, 17, "*")),
                        context);
        assertThat(facts.count("EMAIL")).isEqualTo(3);
        assertThat(facts.budget("EMAIL", 1)).isTrue();
        assertThat(facts.budget("EMAIL", 2)).isFalse();
        assertThat(facts.confidence("EMAIL")).isEqualTo(0.8);
        assertThat(facts.confidence("PHONE")).isZero();
        assertThat(facts.has("PERSONAL")).isTrue();
        assertThat(facts.has("CREDENTIAL")).isFalse();
    }

    @Test
    void withoutTextsBudgetsCountMaskedSamples() {
        Facts facts =
                new Facts(
                        List.of(email(0, 0, 5, "a"), email(0, 6, 11, "a"), email(0, 12, 17, "b")),
                        PolicyContext.builder().build());
        assertThat(facts.budget("EMAIL", 1)).isTrue();
        assertThat(facts.budget("EMAIL", 2)).isFalse();
    }

    @Test
    void originsAreThoseOfTheSegments() {
        PolicyContext context =
                PolicyContext.builder()
                        .segments(
                                List.of(
                                        new Segment(0, "a@b.c", Origin.HISTORY),
                                        new Segment(1, "a@b.c", Origin.USER)))
                        .build();
        Facts facts = new Facts(List.of(email(0, 0, 5, "a"), email(1, 0, 5, "a")), context);
        assertThat(facts.origins()).containsExactly(Origin.USER, Origin.HISTORY);
        assertThat(facts.only(Origin.HISTORY).of("EMAIL")).hasSize(1);
        assertThat(facts.only(Origin.SYSTEM).has("EMAIL")).isFalse();
    }
}
