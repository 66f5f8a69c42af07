// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.agent.demo.DemoExchange.Expected;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.event.Event;
import java.io.IOException;
import java.util.Optional;

/**
 * Holds what happened to an exchange against what had to happen, by the stand-in's log and the
 * client's own record.
 */
final class Oracle {
    private Oracle() {}

    /**
     * Whether everything was as expected.
     *
     * @param answer the client's line: number, status, issuer of the certificate it saw, text
     */
    static boolean held(
            DemoExchange exchange,
            String[] answer,
            Optional<Event> event,
            Optional<byte[]> received)
            throws IOException {
        boolean ours =
                answer[2].contains("Chaperone")
                        && !answer[2].contains("Stand-in")
                        && !answer[2].contains("stand-in");
        return switch (exchange.expected()) {
            case IDENTICAL ->
                    ours
                            && received.isPresent()
                            && ReceivedBytes.identical(exchange, received.get())
                            && event.filter(e -> e.notInspected().isEmpty()).isPresent();
            case NOT_INSPECTED ->
                    ours
                            && received.isPresent()
                            && ReceivedBytes.identical(exchange, received.get())
                            && event.filter(e -> !e.notInspected().isEmpty()).isPresent();
            case REDACTED ->
                    ours
                            && received.isPresent()
                            && ReceivedBytes.redactedOnly(exchange, received.get());
            case ASKED ->
                    ours
                            && received.isPresent()
                            && ReceivedBytes.redactedOnly(exchange, received.get())
                            && event.filter(e -> e.outcome() == Outcome.SENT_REDACTED)
                                    .filter(e -> e.action() == Action.COACH)
                                    .isPresent()
                            && exchange.sensitive().stream().allMatch(answer[3]::contains);
            case REFUSED ->
                    ours
                            && received.isEmpty()
                            && answer[1].equals("400")
                            && answer[3].contains("Chaperone");
            case TUNNELLED ->
                    !ours
                            && received.isPresent()
                            && ReceivedBytes.identical(exchange, received.get())
                            && event.isEmpty();
        };
    }

    /** What the stand-in's log says, in the table's words. */
    static String verdict(DemoExchange exchange, Optional<byte[]> received, boolean leak)
            throws IOException {
        if (received.isEmpty()) {
            return exchange.expected() == Expected.REFUSED ? "nothing arrived" : "NOTHING ARRIVED";
        }
        if (leak) {
            return "LEAKED";
        }
        if (ReceivedBytes.identical(exchange, received.get())) {
            return "yes";
        }
        if (!ReceivedBytes.redactedOnly(exchange, received.get())) {
            return "NO";
        }
        return exchange.expected() == Expected.ASKED
                ? "redacted, restored"
                : "all but the findings";
    }
}
