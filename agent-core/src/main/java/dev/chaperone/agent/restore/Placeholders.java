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

    /** The replacements for findings, which are in order of segment and start. */
    public List<Replacement> replace(Exchange exchange, Prompt prompt, List<Finding> findings) {
        LookAlikes lookAlikes = LookAlikes.of(prompt, typed);
        Mapping known = known(exchange, prompt);
        Map<Value, String> placeholders = new HashMap<>(known.placeholders());
        Map<String, Integer> last = new HashMap<>(known.last());
        List<Replacement> replacements = new ArrayList<>();
        for (Finding finding : findings) {
            String text = prompt.segments().get(finding.segment()).text();
            Value value =
                    new Value(
                            finding.group(),
                            text.substring(finding.span().start(), finding.span().end()));
            String placeholder =
                    placeholders.computeIfAbsent(
                            value, _ -> next(finding, last, known, lookAlikes));
            replacements.add(new Replacement(finding.segment(), finding.span(), placeholder));
        }
        Set<String> allTyped = new HashSet<>(known.typed());
        allTyped.addAll(lookAlikes.typed());
        Mapping mapping = new Mapping(placeholders, last, allTyped);
        if (prompt.conversation() == null || resends(prompt)) {
            store.putTurn(exchange.id(), exchange.client().uid(), mapping);
        }
        if (prompt.conversation() != null) {
            store.put(Conversation.of(exchange, prompt.conversation()), mapping);
        }
        return replacements;
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

    private Mapping known(Exchange exchange, Prompt prompt) {
        return prompt.conversation() == null || resends(prompt)
                ? Mapping.EMPTY
                : store.get(Conversation.of(exchange, prompt.conversation()));
    }

    private static boolean resends(Prompt prompt) {
        return prompt.segments().stream().anyMatch(s -> s.origin() == Origin.HISTORY);
    }

    /**
     * Notes what is to come back in the answer to a prompt that is sent: to a redacted one, what
     * was taken out of it; to any prompt of a conversation that the service keeps, what was taken
     * out of the conversation.
     */
    public void expect(Exchange exchange, Prompt prompt, Restore restore, boolean redacted) {
        if (restore == Restore.OFF) {
            return;
        }
        boolean ofTurn = prompt.conversation() == null || resends(prompt);
        if (ofTurn && !redacted) {
            return;
        }
        Mapping mapping =
                ofTurn
                        ? store.turn(exchange.id())
                        : store.get(Conversation.of(exchange, prompt.conversation()));
        if (mapping.placeholders().isEmpty()) {
            return;
        }
        Map<String, String> values = mapping.values(LookAlikes.of(prompt, typed).typed());
        store.expect(
                exchange.id(),
                exchange.client().uid(),
                new Restoration(values, restore == Restore.TOOLS));
        if (!ofTurn && redacted) {
            store.keep(Conversation.of(exchange, prompt.conversation()));
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
