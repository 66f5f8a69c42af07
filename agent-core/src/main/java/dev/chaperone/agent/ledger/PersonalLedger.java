// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ledger;

import dev.chaperone.agent.Words;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Ledger.Kind;
import dev.chaperone.model.ipc.Ledger.OptOut;
import dev.chaperone.model.ledger.CollectedFields;
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
    private final List<Event> recent;
    private final Words words;
    private final List<OptOut> optOuts = new ArrayList<>();

    private PersonalLedger(PolicyDocument policy, List<Event> recent, String language) {
        this.policy = policy;
        this.recent = recent;
        this.words = Words.of("dev.chaperone.agent.ledger.words", language);
    }

    /**
     * The ledger.
     *
     * @param policy in force
     * @param recent events of the last 30 days
     * @param redactedValues how many values are kept for restoring
     * @param language of the reader, a BCP 47 tag
     */
    public static Ledger of(
            PolicyDocument policy,
            List<Event> recent,
            long redactedValues,
            Instant now,
            String language) {
        return new PersonalLedger(policy, recent, language).make(redactedValues, now, language);
    }

    private Ledger make(long redactedValues, Instant now, String language) {
        String enforcement = enforcement(now);
        exemptions();
        onlyWarned();
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
        long counted =
                recent.stream()
                        .filter(e -> e.action() == Action.WARN)
                        .mapToLong(e -> 1L + e.repeats())
                        .sum();
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
        Map<String, Long> byRule = byRule(Action.ALLOW);
        for (PolicyRule rule : policy.rules()) {
            if (rule.then().action() == Action.ALLOW) {
                String id = rule.id().value();
                optOuts.add(
                        new OptOut(
                                Kind.EXEMPTION,
                                id,
                                said(rule, "allowed"),
                                byRule.getOrDefault(id, 0L)));
            }
        }
    }

    private void onlyWarned() {
        Map<String, Long> byRule = byRule(Action.WARN);
        for (PolicyRule rule : policy.rules()) {
            if (rule.then().action() == Action.WARN) {
                String id = rule.id().value();
                optOuts.add(
                        new OptOut(
                                Kind.WARN_ONLY,
                                id,
                                said(rule, "warned"),
                                byRule.getOrDefault(id, 0L)));
            }
        }
    }

    private String said(PolicyRule rule, String otherwise) {
        return rule.description().isEmpty() ? words.say(otherwise) : rule.description();
    }

    private void unread() {
        Map<String, Long> reasons = new TreeMap<>();
        recent.forEach(e ->
                e.notInspected()
                        .forEach((reason, parts) ->
                                reasons.merge(
                                        reason, (long) parts * (1 + e.repeats()), Long::sum)));
        reasons.entrySet().stream()
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

    private Map<String, Long> byRule(Action action) {
        Map<String, Long> counts = new TreeMap<>();
        recent.stream()
                .filter(e -> e.action() == action)
                .forEach(e -> counts.merge(e.rule(), 1L + e.repeats(), Long::sum));
        return counts;
    }
}
