// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import dev.chaperone.agent.restore.Mapping.Value;
import dev.chaperone.agent.restore.RestoreStore.Conversation;
import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.restore.PlaceholderForms;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.policies.Restore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Gives each redacted value its placeholder (DESIGN §4.10): {@code [CREDIT_CARD-1]}, typed,
 * numbered by first appearance, the same value the same placeholder. Where history is resent the
 * numbering is rebuilt from the request itself, so that earlier turns stay byte-stable; where the
 * service keeps the history the mapping lives with the conversation's id. Thread-safe.
 */
public final class Placeholders {
    private final RestoreStore store;
    private final LookAlikes.Typed typed = new LookAlikes.Typed();

    public Placeholders(RestoreStore store) {
        this.store = store;
    }

    /**
     * What the findings, in order of segment and start, would be replaced with if the prompt were
     * sent now. Keeps nothing of them.
     */
    public List<Replacement> preview(Exchange exchange, Prompt prompt, List<Finding> findings) {
        LookAlikes lookAlikes = LookAlikes.of(prompt, typed);
        Mapping known =
                ofTurn(prompt)
                        ? Mapping.EMPTY
                        : store.get(Conversation.of(exchange, prompt.conversation()));
        return replacements(prompt, findings, numbered(known, prompt, findings, lookAlikes));
    }

    /**
     * The replacements for the findings, in order of segment and start, of a prompt that is sent
     * with them; notes what is to come back in its answer.
     */
    public List<Replacement> replace(
            Exchange exchange, Prompt prompt, List<Finding> findings, Restore restore) {
        LookAlikes lookAlikes = LookAlikes.of(prompt, typed);
        Conversation conversation = Conversation.of(exchange, prompt.conversation());
        Mapping mapping;
        if (ofTurn(prompt)) {
            mapping = numbered(Mapping.EMPTY, prompt, findings, lookAlikes);
            store.putTurn(exchange.id(), exchange.client().uid(), mapping);
            if (prompt.conversation() != null) {
                store.put(conversation, mapping);
            }
        } else {
            // Prompts of one conversation may come at once: none may take another's number.
            mapping =
                    store.update(
                            conversation, known -> numbered(known, prompt, findings, lookAlikes));
        }
        expect(exchange, mapping, lookAlikes, restore);
        if (restore != Restore.OFF && !ofTurn(prompt)) {
            store.keep(conversation);
        }
        return replacements(prompt, findings, mapping);
    }

    private static List<Replacement> replacements(
            Prompt prompt, List<Finding> findings, Mapping mapping) {
        List<Replacement> replacements = new ArrayList<>();
        for (Finding finding : findings) {
            String placeholder =
                    Objects.requireNonNull(mapping.placeholders().get(value(prompt, finding)));
            replacements.add(new Replacement(finding.segment(), finding.span(), placeholder));
        }
        return replacements;
    }

    private static Mapping numbered(
            Mapping known, Prompt prompt, List<Finding> findings, LookAlikes lookAlikes) {
        Map<Value, String> placeholders = new HashMap<>(known.placeholders());
        Map<String, Integer> last = new HashMap<>(known.last());
        for (Finding finding : findings) {
            placeholders.computeIfAbsent(
                    value(prompt, finding), _ -> next(finding, last, known, lookAlikes));
        }
        Set<String> allTyped = new HashSet<>(known.typed());
        allTyped.addAll(lookAlikes.typed());
        return new Mapping(placeholders, last, allTyped);
    }

    private static Value value(Prompt prompt, Finding finding) {
        String text = prompt.segments().get(finding.segment()).text();
        return new Value(
                finding.group(), text.substring(finding.span().start(), finding.span().end()));
    }

    private static String next(
            Finding finding, Map<String, Integer> last, Mapping known, LookAlikes lookAlikes) {
        String group = finding.group();
        int number = last.merge(group, 1, Integer::sum);
        while (lookAlikes.taken(group, number, finding.segment())
                || known.typed().contains(PlaceholderForms.key(group, number))) {
            number = last.merge(group, 1, Integer::sum);
        }
        return "[" + group + "-" + number + "]";
    }

    /** Whether the numbering is that of the request alone. */
    private static boolean ofTurn(Prompt prompt) {
        return prompt.conversation() == null
                || prompt.segments().stream().anyMatch(s -> s.origin() == Origin.HISTORY);
    }

    /**
     * Notes what is to come back in the answer to a prompt that is sent as it is: what was taken
     * out of its conversation before, where the service keeps that.
     */
    public void passed(Exchange exchange, Prompt prompt, Restore restore) {
        if (!ofTurn(prompt)) {
            expect(
                    exchange,
                    store.get(Conversation.of(exchange, prompt.conversation())),
                    LookAlikes.of(prompt, typed),
                    restore);
        }
    }

    private void expect(
            Exchange exchange, Mapping mapping, LookAlikes lookAlikes, Restore restore) {
        if (restore != Restore.OFF && !mapping.placeholders().isEmpty()) {
            store.expect(
                    exchange.id(),
                    exchange.client().uid(),
                    new Restoration(mapping.values(lookAlikes.typed()), restore == Restore.TOOLS));
        }
    }

    /** What comes back in the answer to an exchange. Never blocks. */
    public Restoration restoration(Exchange exchange) {
        return store.expected(exchange.id());
    }

    /**
     * A conversation that got its id only with the answer keeps the numbering of its first turn.
     */
    public void answered(Exchange exchange, Answer answer) {
        store.answered(exchange.id(), exchange.service().id(), answer.conversation());
    }
}
