// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of agent, user interface and server at seeded points of the journey. The oracle
 * is what the stand-in received and what the server's database holds.
 */
@Tag("slow")
@Timeout(600)
class FaultsTest {
    private static final int POINTS = 20;
    private static final long SEED = Long.getLong("chaperone.seed", 20261128);

    private static final String POLICY =
            """
            version: 1
            name: faults
            defaults: {action: allow, on-timeout: block, fail: block, oversize: allow, unreadable: allow}
            rules:
              - id: secrets
                when: has("CREDENTIAL")
                then: {action: redact}
                tests:
                  - {findings: [SECRET.github-pat], expect: redact}
                  - {findings: [URL], expect: allow}
              - id: ask
                when: has("CREDIT_CARD")
                then: {action: coach, coaching: card-found, within: 6s}
                tests:
                  - {text: "Refund ${sample.card} please", expect: coach}
                  - {text: "Refund me please", expect: allow}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private enum Kind {
        ALLOWED,
        REDACTED,
        COACHED
    }

    private enum Victim {
        AGENT,
        UI,
        SERVER
    }

    /** One message: a marker that nothing redacts, and a value that must not leave. */
    private record Sent(String marker, Kind kind, String secret) {
        static Sent of(int point, Kind kind, Random random) {
            String secret =
                    switch (kind) {
                        case ALLOWED -> "nothing";
                        case REDACTED ->
                                "ghp_"
                                        + SampleSecrets.text(
                                                random, "abcdefghijkABCDEFGHIJK0123456789", 36);
                        case COACHED -> SampleSecrets.card(random);
                    };
            return new Sent(
                    String.format(Locale.ROOT, "marker-%s-%03d", kind, point), kind, secret);
        }

        String text() {
            return marker + (kind == Kind.ALLOWED ? "" : " refund " + secret + " please");
        }
    }

    @Test
    void killedAtTwentySeededPoints() throws Exception {
        Random random = new Random(SEED);
        List<Sent> all = new ArrayList<>();
        int agentKills = 0;
        try (WholeProduct product = new WholeProduct(folder)) {
            product.startServer();
            product.enrol();
            product.publish(POLICY);
            product.startAgent();
            product.awaitPolicy(1);
            product.startUi("redact");
            for (int point = 0; point < POINTS; point++) {
                Victim victim = Victim.values()[point % Victim.values().length];
                Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
                Sent sent = Sent.of(point, kind, random);
                all.add(sent);
                CompletableFuture<String> answer =
                        CompletableFuture.supplyAsync(() -> post(product, sent));
                TimeUnit.MILLISECONDS.sleep( // the seeded point
                        random.nextInt(kind == Kind.COACHED ? 900 : 60));
                kill(product, victim);
                String said = answer.get(30, TimeUnit.SECONDS);
                agentKills += victim == Victim.AGENT ? 1 : 0;
                revive(product, victim);
                Sent after = Sent.of(100 + point, Kind.REDACTED, random);
                all.add(after);
                assertThat(post(product, after))
                        .as("seed %d, after point %d (%s, %s, %s)", SEED, point, victim, kind, said)
                        .contains(" 200 ");
            }
            WholeProduct.awaitTrue("everything delivered", () -> delivered(product));
            check(product, all, agentKills);
        }
    }

    private static String post(WholeProduct product, Sent sent) {
        try {
            return product.post(sent.text());
        } catch (IOException e) {
            return e.getClass().getSimpleName(); // killed under it
        }
    }

    private static void kill(WholeProduct product, Victim victim) throws Exception {
        switch (victim) {
            case AGENT -> product.agent().kill();
            case UI -> product.ui().kill();
            case SERVER -> product.server().kill();
        }
    }

    private static void revive(WholeProduct product, Victim victim) throws Exception {
        switch (victim) {
            case AGENT -> product.startAgent();
            case UI -> product.startUi("redact");
            case SERVER -> product.startServer();
        }
    }

    /** The server's mark has reached the last number that is durable on the device. */
    private static boolean delivered(WholeProduct product) throws Exception {
        long last = product.spooled();
        return last > 0 && product.stored("select seq from device") >= last;
    }

    private static void check(WholeProduct product, List<Sent> all, int agentKills)
            throws Exception {
        List<String> arrived = product.arrived();
        int redacted = 0;
        int allowed = 0;
        for (Sent sent : all) {
            List<String> copies = arrived.stream().filter(a -> a.contains(sent.marker())).toList();
            assertThat(copies).as(sent.marker()).hasSizeLessThanOrEqualTo(1);
            if (sent.kind() == Kind.ALLOWED) {
                allowed += copies.size();
            } else {
                redacted += copies.size();
                assertThat(arrived)
                        .as("let out: " + sent.marker())
                        .noneMatch(a -> a.contains(sent.secret()));
            }
        }
        assertThat(redacted).as("something was sent at all").isGreaterThan(POINTS);
        long events = product.stored("select count(*) from event");
        long lost = product.stored("select coalesce(sum(last - first + 1), 0) from loss");
        long stored =
                product.stored(
                        "select count(*) from event where json_extract(body, '$.outcome') = 'SENT_REDACTED'");
        long sentAsIs =
                product.stored(
                        "select count(*) from event where json_extract(body, '$.outcome') = 'SENT'"
                                + " and json_extract(body, '$.code') is null");
        System.out.printf(
                Locale.ROOT,
                "kill -9 at %d points (seed %d): %d sent redacted, %d events say so; %d sent as is,"
                        + " %d events say so; %d events, %d numbers counted as lost%n",
                POINTS,
                SEED,
                redacted,
                stored,
                allowed,
                sentAsIs,
                events,
                lost);
        assertThat(product.stored("select count(distinct id) from event"))
                .as("doubled")
                .isEqualTo(events);
        assertThat(product.stored("select seq from device"))
                .as("every number is an event or a counted loss")
                .isEqualTo(events + lost);
        assertThat(stored)
                .as("a redacted message is on record before it leaves")
                .isBetween((long) redacted, (long) redacted + agentKills);
        assertThat(sentAsIs + lost).as("lost uncounted").isGreaterThanOrEqualTo(allowed);
    }
}
