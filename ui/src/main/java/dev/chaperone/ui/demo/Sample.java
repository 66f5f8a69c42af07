// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.demo;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.prompt.Origin;
import java.text.MessageFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Invented data for every screen. */
public final class Sample {
    // Put together here, so that no scanner takes them for real ones.
    private static final String KEY = "sk" + "-demo-" + "not0a0real0key".repeat(2);
    private static final String CARD = "4111 " + "1111 1111 " + "1111";
    private static final String EMAIL = "ada" + "@" + "customer.example";
    private static final int LONGEST = 60; // minutes
    private static final Duration TO_ANSWER = Duration.ofMinutes(3);

    private final ResourceBundle words;
    private final Instant now;

    /**
     * @param language {@code en} or {@code de}
     * @param now when all of it happens
     */
    public Sample(String language, Instant now) {
        this.words =
                ResourceBundle.getBundle(
                        "dev.chaperone.ui.demo.sample",
                        Locale.of(language),
                        ResourceBundle.Control.getNoFallbackControl(
                                ResourceBundle.Control.FORMAT_PROPERTIES));
        this.now = now;
    }

    private String say(String key, Object... arguments) {
        return new MessageFormat(words.getString(key), Locale.ROOT).format(arguments);
    }

    /** A question with three marks, one of them required. */
    public Question secrets() {
        String text = say("card1.text", KEY, CARD, EMAIL);
        return new Question(
                UUID.fromString("019aa000-0000-7000-8000-0000000000a1"),
                1000,
                "chatgpt",
                "Chrome",
                "secrets-out",
                say("card1.message"),
                "secret-found",
                card("card1"),
                List.of(new Question.Passage(0, Origin.USER, 0, text, true)),
                List.of(
                        mark(1, "SECRET", text, KEY, "sk-d…key", "[SECRET-1]", true),
                        mark(2, "CREDIT_CARD", text, CARD, "4111…1111", "[CREDIT_CARD-1]", false),
                        mark(3, "EMAIL", text, EMAIL, "a…@customer.example", "[EMAIL-1]", false)),
                0,
                true,
                now,
                now.plus(TO_ANSWER),
                Action.REDACT,
                Question.State.HELD);
    }

    /** A question about a message as a whole: nothing can be taken out of it. */
    public Question legal() {
        return new Question(
                UUID.fromString("019aa000-0000-7000-8000-0000000000b2"),
                1000,
                "perplexity",
                "Firefox",
                "unapproved-service",
                say("card2.message"),
                "unapproved-service",
                card("card2"),
                List.of(new Question.Passage(0, Origin.USER, 0, say("card2.text"), true)),
                List.of(),
                0,
                false,
                now.plusMillis(1),
                now.plus(TO_ANSWER),
                Action.BLOCK,
                Question.State.HELD);
    }

    private Question.Card card(String key) {
        return new Question.Card(say(key + ".title"), say(key + ".body"), say(key + ".advice"));
    }

    private static Question.Mark mark(
            int number,
            String type,
            String text,
            String value,
            String masked,
            String placeholder,
            boolean required) {
        int at = text.indexOf(value);
        return new Question.Mark(
                number, type, 0, new Span(at, at + value.length()), masked, placeholder, required);
    }

    /** Eight decisions, newest first. */
    List<Activity> activities() {
        return List.of(
                activity(
                        1,
                        4,
                        "claude-code",
                        "claude",
                        "code",
                        Action.REDACT,
                        Outcome.SENT_REDACTED,
                        "secrets-out",
                        "why.secrets",
                        Map.of("SECRET", 2),
                        12),
                activity(
                        2,
                        26,
                        "chatgpt",
                        "Chrome",
                        "customer",
                        Action.COACH,
                        Outcome.SENT_REDACTED,
                        "card-found",
                        "why.card",
                        Map.of("CREDIT_CARD", 1, "EMAIL", 1),
                        0),
                activity(
                        3,
                        51,
                        "chatgpt",
                        "Chrome",
                        "writing",
                        Action.ALLOW,
                        Outcome.SENT,
                        "",
                        "why.none",
                        Map.of(),
                        0),
                activity(
                        4,
                        95,
                        "gemini",
                        "Firefox",
                        "analysis",
                        Action.BLOCK,
                        Outcome.BLOCKED,
                        "people-table",
                        "why.people",
                        Map.of("PERSON", 48, "EMAIL", 48, "PHONE", 31),
                        1),
                activity(
                        5,
                        190,
                        "deepseek",
                        "Firefox",
                        "research",
                        Action.WARN,
                        Outcome.SENT,
                        "new-service",
                        "why.warn",
                        Map.of(),
                        0),
                activity(
                        6,
                        240,
                        "perplexity",
                        "Firefox",
                        "regulated",
                        Action.COACH,
                        Outcome.SENT_WITH_REASON,
                        "unapproved-service",
                        "why.legal",
                        Map.of(),
                        0),
                activity(
                        7,
                        310,
                        "copilot",
                        "Code",
                        "code",
                        Action.ALLOW,
                        Outcome.SENT,
                        "",
                        "why.none",
                        Map.of(),
                        41));
    }

    private Activity activity(
            int number,
            int minutesAgo,
            String service,
            String app,
            String intent,
            Action action,
            Outcome outcome,
            String rule,
            String why,
            Map<String, Integer> findings,
            int repeats) {
        return new Activity(
                new UUID(0x019aa00000007000L, 0x8000000000000000L + number),
                now.minus(Duration.ofMinutes(minutesAgo)),
                service,
                app,
                intent,
                action,
                outcome,
                rule,
                say(why),
                findings,
                number == 4 ? Map.of("OVERSIZE", 1) : Map.of(),
                null,
                repeats);
    }

    /**
     * What is collected.
     *
     * @param kept how many redacted values there are
     */
    Ledger ledger(long kept) {
        return new Ledger(
                say("enforcement"),
                List.of(
                        field("event", "service", true, "f1"),
                        field("event", "findings", true, "f2"),
                        field("event", "user", true, "f3"),
                        field("mapping", "value", false, "f4"),
                        field("prompt", "text", false, "f5")),
                List.of(
                        new Ledger.OptOut(
                                Ledger.Kind.EXEMPTION, "never-decrypt: bank", say("o1.says"), 212),
                        new Ledger.OptOut(Ledger.Kind.WARN_ONLY, "new-service", say("o2.says"), 1),
                        new Ledger.OptOut(
                                Ledger.Kind.NOT_INSPECTED, "oversize", say("o3.says"), 3)),
                kept);
    }

    private Ledger.Field field(String record, String name, boolean sent, String key) {
        return new Ledger.Field(
                record,
                name,
                sent,
                say(key + ".what"),
                say(key + ".purpose"),
                say(key + ".reader"),
                say(key + ".expiry"));
    }

    /**
     * How the agent is, under a policy that allows to pause.
     *
     * @param open how many questions are open
     * @param pausedUntil null when inspection goes on
     */
    AgentStatus status(int open, @Nullable Instant pausedUntil) {
        return new AgentStatus(
                open,
                "0.1.0",
                List.of(
                        new AgentStatus.Check("proxy", AgentStatus.State.OK, say("s1.says"), ""),
                        new AgentStatus.Check("trust", AgentStatus.State.OK, say("s2.says"), ""),
                        new AgentStatus.Check("policy", AgentStatus.State.OK, say("s3.says"), ""),
                        new AgentStatus.Check(
                                "server",
                                AgentStatus.State.NOTE,
                                say("s4.says"),
                                say("s4.remedy"))),
                new AgentStatus.Pause(LONGEST, true, pausedUntil));
    }
}
