// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.model.sync.EventBatch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** A made-up company: four weeks of three groups, always the same, and none of it from life. */
final class Company {
    private static final List<String> SERVICES =
            List.of(
                    "chatgpt-web",
                    "copilot-m365",
                    "claude-web",
                    "github-copilot",
                    "gemini-web",
                    "perplexity-web",
                    "deepl-web",
                    "mistral-web",
                    "notion-ai");
    private static final List<String> APPS =
            List.of("chrome", "msedge", "firefox", "code", "claude", "cursor");
    private static final List<String> INTENTS =
            List.of("writing", "code", "analysis", "research", "customer", "personal", "unknown");
    private static final List<String> FINDINGS =
            List.of("CREDENTIAL.token", "PAYMENT_CARD", "EMAIL", "IBAN", "PHONE");
    private static final int PEOPLE = 42;
    private static final int DAYS = 28;

    private final Random random;
    private final List<Event> events = new ArrayList<>();

    private Company(String group) {
        random = new Random(group.hashCode());
    }

    /** Enrols devices of three groups and delivers what they recorded. */
    static void deliver(TestServer server) throws Exception {
        for (String group : List.of("sales", "engineering", "finance")) {
            String made =
                    server.post(
                                    "/api/v1/tokens",
                                    "{\"uses\":2,\"hours\":1,\"group\":\"%s\"}".formatted(group))
                            .body();
            EnrolmentToken token =
                    EnrolmentToken.parse(TestServer.JSON.readTree(made).get("token").asString());
            try (TestDevice device = TestDevice.enrol(token)) {
                new Company(group).work(group, server.clock.instant(), device);
            }
        }
    }

    private void work(String group, Instant now, TestDevice device) throws Exception {
        for (int day = DAYS; day >= 0; day--) {
            Instant morning = now.minus(Duration.ofDays(day)).minus(Duration.ofHours(4));
            boolean weekend = morning.atZone(java.time.ZoneOffset.UTC).getDayOfWeek().getValue() > 5;
            int requests = weekend ? 0 : 14 + random.nextInt(18) + (DAYS - day) / 3;
            for (int i = 0; i < requests; i++) {
                events.add(request(group, morning.plus(Duration.ofMinutes(i * 7L))));
            }
        }
        for (int from = 0; from < events.size(); from += EventBatch.MAX_EVENTS) {
            List<Event> some =
                    events.subList(from, Math.min(events.size(), from + EventBatch.MAX_EVENTS));
            assertThat(device.send(Events.batch(some)).statusCode()).isEqualTo(200);
        }
        long next = events.size() + 1L;
        EventBatch.Loss crash = new EventBatch.Loss(next, next + 2, "crash");
        EventBatch lost =
                new EventBatch(1, next, next + 2, List.of(), List.of(crash), Map.of());
        assertThat(device.send(lost).statusCode()).isEqualTo(200);
        assertThat(device.status(Map.of("oversize", 4L, "unreadable", 3L)).statusCode())
                .isEqualTo(200);
    }

    private Event request(String group, Instant at) {
        boolean found = random.nextInt(100) < 12;
        int draw = random.nextInt(100);
        Action action =
                !found
                        ? Action.ALLOW
                        : draw < 55 ? Action.REDACT : draw < 75 ? Action.COACH : draw < 90 ? Action.BLOCK : Action.WARN;
        Outcome outcome =
                switch (action) {
                    case ALLOW, WARN -> Outcome.SENT;
                    case REDACT -> Outcome.SENT_REDACTED;
                    case BLOCK -> Outcome.BLOCKED;
                    case COACH ->
                            random.nextBoolean()
                                    ? Outcome.SENT_WITH_REASON
                                    : random.nextBoolean() ? Outcome.TIMED_OUT : Outcome.SENT_REDACTED;
                };
        String rule =
                switch (action) {
                    case ALLOW -> "default";
                    case REDACT -> "secrets-out";
                    case BLOCK -> "cards-stay";
                    case COACH -> "customer-data";
                    case WARN -> "personal-data";
                };
        UUID id = UUID.nameUUIDFromBytes((group + events.size()).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return new Event(
                id,
                1,
                1,
                events.size() + 1L,
                at,
                1,
                pick(SERVICES),
                "conversation",
                "prompt",
                "assistant.example",
                null,
                new Event.App(pick(APPS), null, null),
                Event.Actor.PERSON,
                group + "-" + random.nextInt(PEOPLE / 3),
                null,
                pick(INTENTS),
                found ? Map.of(pick(FINDINGS), 1) : Map.of(),
                Map.of(),
                Map.of(),
                Stage.REQUEST,
                action,
                rule,
                "because",
                outcome,
                Map.of(),
                null,
                random.nextInt(10) == 0 ? 1 : 0,
                10,
                400 + random.nextInt(6000),
                "baseline",
                List.of(),
                id);
    }

    /** The first ones far more often, as in life. */
    private String pick(List<String> from) {
        double skewed = Math.pow(random.nextDouble(), 2.2);
        return from.get((int) (skewed * from.size()));
    }
}
