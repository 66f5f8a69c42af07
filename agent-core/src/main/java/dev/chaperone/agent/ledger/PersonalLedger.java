// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ledger;

import dev.chaperone.agent.Words;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Ledger.Kind;
import dev.chaperone.model.ipc.Ledger.OptOut;
import dev.chaperone.model.ledger.CollectedFields;
import dev.chaperone.policies.PolicyDefaults;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyRule;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Puts the ledger together from the policy in force and what was recorded. */
public final class PersonalLedger {
    private final PolicyDocument policy;
    private final Recent recent;
    private final Words words;
    private final List<OptOut> optOuts = new ArrayList<>();

    /** What was recorded lately, in sums. Not thread-safe. */
    public static final class Recent {
        private final Map<String, Long> allowed = new TreeMap<>();
        private final Map<String, Long> warned = new TreeMap<>();
        private final Map<String, Long> unread = new TreeMap<>();

        /** Adds an event. */
        public void add(Event event) {
            long times = 1L + event.repeats();
            if (event.action() == Action.ALLOW) {
                allowed.merge(event.rule(), times, Long::sum);
            } else if (event.action() == Action.WARN) {
                warned.merge(event.rule(), times, Long::sum);
            }
            event.notInspected()
                    .forEach((reason, parts) -> unread.merge(reason, parts * times, Long::sum));
        }
    }

    private PersonalLedger(PolicyDocument policy, Recent recent, String language) {
        this.policy = policy;
        this.recent = recent;
        this.words = Words.of("dev.chaperone.agent.ledger.words", language);
    }

    /**
     * The ledger.
     *
     * @param policy in force
     * @param recent what was recorded in the last 30 days
     * @param redactedValues how many values are kept for restoring
     * @param language of the reader, a BCP 47 tag
     */
    public static Ledger of(
            PolicyDocument policy,
            Recent recent,
            long redactedValues,
            Instant now,
            String language) {
        return new PersonalLedger(policy, recent, language).make(redactedValues, now, language);
    }

    private Ledger make(long redactedValues, Instant now, String language) {
        String enforcement = enforcement(now);
        exemptions();
        onlyWarned();
        defaults();
        unread();
        return new Ledger(enforcement, CollectedFields.in(language), optOuts, redactedValues);
    }

    private String enforcement(Instant now) {
        Instant from = policy.enforceFrom();
        if (from == null) {
            return words.say("enforced", policy.version());
        }
        LocalDate day = from.atOffset(ZoneOffset.UTC).toLocalDate();
        if (!now.isBefore(from)) {
            return words.say("enforced.since", policy.version(), day);
        }
        long counted = recent.warned.values().stream().mapToLong(Long::longValue).sum();
        for (PolicyRule rule : policy.rules()) {
            if (rule.then().action() == Action.WARN) { // it would only warn anyway
                counted -= recent.warned.getOrDefault(rule.id().value(), 0L);
            }
        }
        optOuts.add(
                new OptOut(
                        Kind.NOTICE_PERIOD, policy.name(), words.say("notice.rule", day), counted));
        return words.say("notice", policy.version(), day);
    }

    private void exemptions() {
        optOuts.add(new OptOut(Kind.EXEMPTION, words.say("never.name"), words.say("never"), 0));
        for (String service : new TreeSet<>(policy.services().close())) {
            optOuts.add(new OptOut(Kind.EXEMPTION, service, words.say("closed"), 0));
        }
        for (PolicyRule rule : policy.rules()) {
            if (rule.then().action() == Action.ALLOW) {
                String id = rule.id().value();
                optOuts.add(
                        new OptOut(
                                Kind.EXEMPTION,
                                id,
                                said(rule, "allowed"),
                                recent.allowed.getOrDefault(id, 0L)));
            }
        }
    }

    private void onlyWarned() {
        for (PolicyRule rule : policy.rules()) {
            if (rule.then().action() == Action.WARN) {
                String id = rule.id().value();
                optOuts.add(
                        new OptOut(
                                Kind.WARN_ONLY,
                                id,
                                said(rule, "warned"),
                                recent.warned.getOrDefault(id, 0L)));
            }
        }
    }

    private String said(PolicyRule rule, String otherwise) {
        return rule.description().isEmpty() ? words.say(otherwise) : rule.description();
    }

    /** What the policy lets pass where no rule decides. */
    private void defaults() {
        PolicyDefaults defaults = policy.defaults();
        lets(defaults.unreadable(), "unreadable");
        lets(defaults.oversize(), "oversize");
        lets(defaults.fail(), "fail");
        lets(defaults.onTimeout(), "on-timeout");
    }

    private void lets(Action action, String what) {
        if (action == Action.ALLOW || action == Action.WARN) {
            optOuts.add(
                    new OptOut(
                            Kind.EXEMPTION, "defaults." + what, words.say("default." + what), 0));
        }
    }

    private void unread() {
        recent.unread.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .forEach(e ->
                        optOuts.add(
                                new OptOut(
                                        Kind.NOT_INSPECTED,
                                        e.getKey(),
                                        words.knows("unread." + e.getKey())
                                                ? words.say("unread." + e.getKey())
                                                : words.say("unread"),
                                        e.getValue())));
    }
}
