// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class SampleValuesTest {
    @Test
    void everyNameIsFilledInAndOthersAreFound() {
        for (String name : SampleValues.names()) {
            String placeholder = "a ${sample." + name + "} b";
            assertThat(SampleValues.expand(placeholder)).startsWith("a ").doesNotContain("${");
            assertThat(SampleValues.unknownIn(placeholder)).isEmpty();
        }
        assertThat(SampleValues.unknownIn("${sample.card} ${sample.crad}")).contains("crad");
        assertThat(SampleValues.expand("${sample.crad} $1 \\")).isEqualTo("${sample.crad} $1 \\");
    }

    @Test
    void valuesHaveTheirShapeAndCheckDigits() {
        assertThat(SampleValues.expand("${sample.aws-access-key}")).matches("AKIA[A-Z2-7]{16}");
        assertThat(SampleValues.expand("${sample.github-token}")).matches("ghp_[A-Za-z0-9]{36}");
        assertThat(luhnHolds(SampleValues.expand("${sample.card}"))).isTrue();
        assertThat(luhnHolds(SampleValues.expand("${sample.card-example}"))).isTrue();
        String iban = SampleValues.expand("${sample.iban}");
        StringBuilder digits = new StringBuilder();
        (iban.substring(4) + iban.substring(0, 4))
                .chars()
                .forEach(c -> digits.append(Character.digit(c, 36)));
        assertThat(new BigInteger(digits.toString()).mod(BigInteger.valueOf(97))).isOne();
        assertThat(SampleValues.expand("${sample.people-table}").lines()).hasSize(13);
        assertThat(SampleValues.expand("${sample.emails}").lines().distinct()).hasSize(12);
    }

    private static boolean luhnHolds(String number) {
        return SampleValues.luhn(number.substring(0, number.length() - 1)).equals(number);
    }
}
