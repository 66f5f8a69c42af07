// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.inspector.Replacement;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives each redacted value its placeholder (DESIGN §4.10): {@code [CREDIT_CARD-1]}, typed,
 * numbered by first appearance, the same value the same placeholder. Where history is resent the
 * numbering is rebuilt from the request itself, so that earlier turns stay byte-stable; where the
 * service keeps the history the mapping lives with the conversation's id. Thread-safe.
 */
final class Placeholders {
    private static final int MAX_CONVERSATIONS = 1024;

    /**
     * Values by placeholder of one conversation. Only in memory here; a later version keeps it
     * encrypted for restoring.
     */
    private final Cache<String, Map<String, String>> conversations =
            Caffeine.newBuilder()
                    .maximumSize(MAX_CONVERSATIONS)
                    .expireAfterAccess(Duration.ofHours(12))
                    .build();

    /**
     * What the first turn of a conversation replaced, until its answer names the conversation. By
     * exchange.
     */
    private final Cache<Long, Map<String, String>> firstTurns =
            Caffeine.newBuilder()
                    .maximumSize(MAX_CONVERSATIONS)
                    .expireAfterWrite(Duration.ofMinutes(15))
                    .build();

    /** The replacements for findings, which are in order of segment and start. */
    List<Replacement> replace(Exchange exchange, Prompt prompt, List<Finding> findings) {
        String service = exchange.service().id();
        Map<String, String> byValue = known(service, prompt);
        Map<String, Integer> last = new HashMap<>();
        byValue.values().forEach(p -> last.merge(label(p), number(p), Math::max));
        List<Replacement> replacements = new ArrayList<>();
        for (Finding finding : findings) {
            String text = prompt.segments().get(finding.segment()).text();
            String value = text.substring(finding.span().start(), finding.span().end());
            String placeholder =
                    byValue.computeIfAbsent(
                            finding.group() + '\0' + value,
                            _ ->
                                    "["
                                            + finding.group()
                                            + "-"
                                            + last.merge(finding.group(), 1, Integer::sum)
                                            + "]");
            replacements.add(new Replacement(finding.segment(), finding.span(), placeholder));
        }
        if (prompt.conversation() == null) {
            firstTurns.put(exchange.id(), Map.copyOf(byValue));
        } else {
            conversations.put(service + '/' + prompt.conversation(), Map.copyOf(byValue));
        }
        return replacements;
    }

    /**
     * A conversation that got its id only with the answer keeps the numbering of its first turn.
     */
    void answered(Exchange exchange, Answer answer) {
        Map<String, String> first = firstTurns.getIfPresent(exchange.id());
        if (first != null && answer.conversation() != null) {
            conversations.put(exchange.service().id() + '/' + answer.conversation(), first);
            firstTurns.invalidate(exchange.id());
        }
    }

    private Map<String, String> known(String service, Prompt prompt) {
        boolean resent = prompt.segments().stream().anyMatch(s -> s.origin() == Origin.HISTORY);
        if (resent || prompt.conversation() == null) {
            return new HashMap<>();
        }
        return new HashMap<>(
                Optional.ofNullable(
                                conversations.getIfPresent(service + '/' + prompt.conversation()))
                        .orElse(Map.of()));
    }

    private static String label(String placeholder) {
        return placeholder.substring(1, placeholder.lastIndexOf('-'));
    }

    private static int number(String placeholder) {
        return Integer.parseInt(
                placeholder.substring(placeholder.lastIndexOf('-') + 1, placeholder.length() - 1));
    }
}
