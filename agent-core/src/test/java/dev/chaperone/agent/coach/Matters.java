// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.agent.Prompts;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Prompt;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Coached prompts for tests. Values to find are words that start with {@code secret}. */
public final class Matters {
    private static long lastExchange;

    private Matters() {}

    /** Of a user, with an on-timeout, about texts of which all but the last are history. */
    public static Matter of(long uid, Action onTimeout, String... texts) {
        return within(Duration.ofMinutes(2), uid, onTimeout, texts);
    }

    static Matter within(Duration within, long uid, Action onTimeout, String... texts) {
        Prompt prompt = Prompts.of(null, texts);
        List<Finding> spans = spans(prompt);
        return matter(prompt, uid, spans, List.of(), false, within, onTimeout);
    }

    /** With the first span taken out by a redact rule. */
    static Matter required(long uid, String... texts) {
        Prompt prompt = Prompts.of(null, texts);
        List<Finding> spans = spans(prompt);
        return matter(
                prompt,
                uid,
                spans,
                spans.subList(0, 1),
                false,
                Duration.ofMinutes(2),
                Action.BLOCK);
    }

    /** About the message as a whole. */
    static Matter whole(long uid, Action onTimeout, String... texts) {
        return matter(
                Prompts.of(null, texts),
                uid,
                List.of(),
                List.of(),
                true,
                Duration.ofMinutes(2),
                onTimeout);
    }

    private static synchronized Matter matter(
            Prompt prompt,
            long uid,
            List<Finding> spans,
            List<Finding> required,
            boolean whole,
            Duration within,
            Action onTimeout) {
        return new Matter(
                Prompts.exchange(++lastExchange, "chat")
                        .withClient(new ClientProcess(1, uid, "/usr/bin/tool")),
                prompt,
                new Decision.Coach(
                        new RuleId("ask"),
                        new Explanation("It asks.", "card-found"),
                        spans,
                        required,
                        whole,
                        within,
                        onTimeout),
                () ->
                        IntStream.rangeClosed(1, spans.size())
                                .mapToObj(i -> "[SECRET-" + i + "]")
                                .toList());
    }

    private static List<Finding> spans(Prompt prompt) {
        return prompt.segments().stream()
                .flatMap(s ->
                        java.util.regex.Pattern.compile("secret\\w*")
                                .matcher(s.text())
                                .results()
                                .map(m ->
                                        Prompts.finding("SECRET.x", s.index(), m.start(), m.end())))
                .toList();
    }
}
