// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole journey with every part a process of its own: a device enrols, the policy arrives, a
 * prompt is coached, the card is shown and its button pressed, the service sees placeholders only,
 * the answer holds the real value again, the event is on the server and in the report.
 */
@Timeout(180)
class WholeJourneyTest {
    private static final String POLICY =
            """
            version: 1
            name: company
            defaults: {action: allow, on-timeout: block, fail: block, oversize: allow, unreadable: allow}
            rules:
              - id: ask
                when: has("CREDIT_CARD")
                then: {action: coach, coaching: card-found, within: 20s}
                tests:
                  - {text: "Refund ${sample.card} please", expect: coach}
                  - {text: "Refund me please", expect: allow}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void coachedAtTheDeskSyncedToTheCompanyReportedToTheAdministrator() throws Exception {
        String card = SampleSecrets.card(new Random(28));
        try (WholeProduct product = new WholeProduct(folder)) {
            product.startServer();
            product.enrol();
            product.publish(POLICY);
            product.startAgent();
            product.awaitPolicy(1);
            product.startUi("redact");
            String answer = product.stream("Refund the card " + card + " today");
            assertThat(product.ui().awaitLine("chaperone-ui: card ")).contains(" shown after ");
            assertThat(product.arrived())
                    .singleElement()
                    .asString()
                    .contains("[CREDIT_CARD-1]")
                    .doesNotContain(card);
            assertThat(answer).contains(" 200 ").contains(card).doesNotContain("CREDIT_CARD-1");
            WholeProduct.awaitTrue(
                    "the event on the server",
                    () -> product.stored("select count(*) from event") == 1);
            assertThat(product.admin("report", "usage", "--by", "intent", "--format", "csv"))
                    .contains(",1,");
            assertThat(product.admin("report", "usage", "--by", "data-type", "--format", "csv"))
                    .contains("CREDIT_CARD,1");
            assertNowhere(card, product.data());
            assertNowhere(card, product.serverData());
        }
    }

    /** Without an interface the rule's on-timeout holds; a card that is not shown is no consent. */
    @Test
    void withoutAnInterfaceNothingLeaves() throws Exception {
        Path policy = Files.writeString(folder.resolve("p.yaml"), POLICY, StandardCharsets.UTF_8);
        String card = SampleSecrets.card(new Random(29));
        try (WholeProduct product = new WholeProduct(folder)) {
            product.startAgent("--policy", policy.toString());
            assertThat(product.stream("Refund the card " + card)).contains(" 400 ");
            assertThat(product.arrived()).isEmpty();
        }
    }

    private static void assertNowhere(String value, Path store) throws Exception {
        CanarySearch search = new CanarySearch(value);
        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(search.find(Files.readAllBytes(file))).as(file.toString()).isEmpty();
            }
        }
    }
}
