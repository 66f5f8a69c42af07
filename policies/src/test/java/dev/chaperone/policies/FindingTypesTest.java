// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.finding.Tier;
import org.junit.jupiter.api.Test;

class FindingTypesTest {
    @Test
    void groupsDetailsCountriesAndAliasesAreKnown() {
        for (String name :
                new String[] {
                    "SECRET",
                    "SECRET.github-pat",
                    "NATIONAL_ID.US",
                    "TAX_ID.FR",
                    "CREDENTIAL",
                    "PEOPLE_TABLE",
                    "PERSONAL",
                    "URL",
                    "PASSWORD"
                }) {
            assertThat(FindingTypes.isKnown(name)).as(name).isTrue();
        }
        for (String name :
                new String[] {"SECRETS", "SECRET.nope", "EMAIL.US", "TAX_ID.usa", "TAX_ID.*", ""}) {
            assertThat(FindingTypes.isKnown(name)).as(name).isFalse();
        }
    }

    @Test
    void everyGroupBehindAnAliasIsKnown() {
        FindingTypes.aliases()
                .values()
                .forEach(groups -> assertThat(groups).allMatch(FindingTypes::isKnown));
        assertThat(FindingTypes.names()).contains("CREDENTIAL").noneMatch(n -> n.endsWith(".*"));
    }

    @Test
    void groupsCoverTheirDetailsAndNothingElse() {
        Finding secret = Samples.finding("SECRET.github-pat", 0, 0);
        assertThat(FindingTypes.covers("SECRET", secret)).isTrue();
        assertThat(FindingTypes.covers("SECRET.github-pat", secret)).isTrue();
        assertThat(FindingTypes.covers("SECRET.github-oauth", secret)).isFalse();
        assertThat(FindingTypes.covers("CREDENTIAL", secret)).isTrue();
        assertThat(FindingTypes.covers("PEOPLE_TABLE", secret)).isFalse();
        Finding cell =
                new Finding(
                        "PERSON",
                        0,
                        new Span(0, 4),
                        1,
                        Tier.STRUCTURED,
                        "people-table",
                        "*",
                        false);
        assertThat(FindingTypes.covers("PEOPLE_TABLE", cell)).isTrue();
        assertThat(FindingTypes.covers("PERSON", cell)).isTrue();
    }
}
