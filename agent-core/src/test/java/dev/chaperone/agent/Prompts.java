// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.finding.Tier;
import dev.chaperone.model.prompt.Account;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prompts and findings for tests. */
public final class Prompts {
    private Prompts() {}

    /** A prompt of one conversation whose last text is new and the others are history. */
    public static Prompt of(@Nullable String conversation, String... texts) {
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            Origin origin = i == texts.length - 1 ? Origin.USER : Origin.HISTORY;
            segments.add(new Segment(i, texts[i], origin));
        }
        return new Prompt(segments, "", List.of(), null, conversation, Account.UNKNOWN, List.of());
    }

    public static Prompt unread(NotInspected.Reason reason) {
        return Prompt.unread(new NotInspected(reason, "CHP-TLS-010", 5));
    }

    /** An exchange with a service. */
    public static Exchange exchange(long id, String service) {
        return new Exchange(
                id,
                new AiService(service, "", "", "", List.of(), false, false, List.of()),
                new Endpoint("chat", "POST", "/chat", Endpoint.Kind.PROMPT),
                "host.test",
                "h2",
                ClientProcess.UNKNOWN,
                true,
                _ -> false);
    }

    /** Every occurrence of a value, in order. */
    public static List<Finding> findings(Prompt prompt, String... values) {
        List<Finding> found = new ArrayList<>();
        for (Segment segment : prompt.segments()) {
            for (String value : values) {
                int at = segment.text().indexOf(value);
                if (at >= 0) {
                    found.add(finding("SECRET.x", segment.index(), at, at + value.length()));
                }
            }
        }
        return found;
    }

    public static Finding finding(String type, int segment, int start, int end) {
        return new Finding(
                type, segment, new Span(start, end), 1, Tier.VALIDATED, "test", "***", false);
    }
}
