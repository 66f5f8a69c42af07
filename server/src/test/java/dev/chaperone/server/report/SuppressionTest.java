// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuppressionTest {
    private static final int MINIMUM = 5;

    private static Row row(String key, long people) {
        return new Row(List.of(key), people * 10, 0, 0, 0, 0, 0, people);
    }

    /** Nobody stands behind two rows. */
    private static long disjoint(List<Row> rows) {
        return rows.stream().mapToLong(Row::people).sum();
    }

    private static Suppression apply(Row... rows) {
        return Suppression.apply(List.of(rows), MINIMUM, SuppressionTest::disjoint);
    }

    @Test
    void everythingIsShownWhereEachRowHasEnoughPeople() {
        Suppression cut = apply(row("a", 5), row("b", 9));
        assertThat(cut.shown()).hasSize(2);
        assertThat(cut.suppressed()).isZero();
        assertThat(cut.totalShown()).isTrue();
    }

    @Test
    void singleSmallRowTakesTheNextSmallestWithIt() {
        Suppression cut = apply(row("big", 30), row("small", 2), row("next", 6), row("mid", 9));
        assertThat(cut.shown()).extracting(r -> r.key().getFirst()).containsExactly("big", "mid");
        assertThat(cut.suppressed()).isEqualTo(2);
        assertThat(cut.totalShown()).isTrue();
    }

    @Test
    void smallRowsThatAreTooFewPeopleTogetherTakeAnother() {
        Suppression cut = apply(row("a", 1), row("b", 2), row("c", 7), row("d", 8));
        assertThat(cut.shown()).extracting(r -> r.key().getFirst()).containsExactly("d");
        assertThat(cut.suppressed()).isEqualTo(3);
    }

    @Test
    void totalGoesWhereNothingElseCanHideTheRow() {
        Suppression cut = apply(row("only", 4));
        assertThat(cut.shown()).isEmpty();
        assertThat(cut.totalShown()).isFalse();
        assertThat(apply(row("a", 1), row("b", 2)).totalShown()).isFalse();
    }

    @Test
    void emptyReportHasNoTotal() {
        assertThat(apply().totalShown()).isFalse();
        assertThat(apply().suppressed()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noDifferenceStandsForFewerThanTheMinimum(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            List<Row> rows = new ArrayList<>();
            for (int i = random.nextInt(7); i >= 0; i--) {
                rows.add(row("r" + i, 1 + random.nextInt(12)));
            }
            Suppression cut = Suppression.apply(rows, MINIMUM, SuppressionTest::disjoint);
            assertThat(cut.shown()).allMatch(r -> r.people() >= MINIMUM);
            assertThat(cut.shown().size() + cut.suppressed()).isEqualTo(rows.size());
            if (cut.totalShown() && cut.suppressed() > 0) {
                long hidden = disjoint(rows) - disjoint(cut.shown());
                assertThat(hidden).as("seed %d", seed).isGreaterThanOrEqualTo(MINIMUM);
                assertThat(cut.suppressed()).isGreaterThanOrEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=x"})
    void noCellOfACsvIsAFormula(String text) {
        assertThat(Report.cell(text).replace("\"", "")).startsWith("'");
    }

    @Test
    void csvQuotesWhatWouldEndACell() {
        assertThat(Report.cell("a,b")).isEqualTo("\"a,b\"");
        assertThat(Report.cell("a\"b")).isEqualTo("\"a\"\"b\"");
        assertThat(Report.cell("=a,\"b")).isEqualTo("\"'=a,\"\"b\"");
        assertThat(Report.cell("plain-1")).isEqualTo("plain-1");
    }
}
