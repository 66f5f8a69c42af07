// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.model.decision.Decision;
import java.util.UUID;

/** Words a refusal for the person: what, why, and an id that {@code chaperone events} knows. */
final class Refusals {
    private static final int ID_LENGTH = 8;

    private Refusals() {}

    /** A refusal that a rule decided. */
    static Refusal of(UUID event, Decision decision, String code) {
        if (!code.startsWith("CHP-POL-")) {
            return of(event, code);
        }
        return new Refusal(
                shortId(event),
                "Chaperone did not send this message. "
                        + decision.why().message()
                        + next(shortId(event), code)
                        + " (rule "
                        + decision.rule().value()
                        + ", id "
                        + shortId(event)
                        + ")",
                code);
    }

    /** What the person can do now. */
    private static String next(String id, String code) {
        return switch (code) {
            case "CHP-POL-003" ->
                    " Nobody answered. A person decides with 'chaperone pending' and 'chaperone answer "
                            + id
                            + "', and then sends it again.";
            case "CHP-POL-004" -> " It was cancelled when you were asked.";
            default -> "";
        };
    }

    /** A refusal because redaction or the decision itself failed. */
    static Refusal of(UUID event, String code) {
        String why =
                switch (code) {
                    case "CHP-TLS-010", "CHP-TLS-012" ->
                            "Its encoding cannot be written again after redaction.";
                    case "CHP-TLS-011" ->
                            "It holds sensitive data, and its body is signed, so that it cannot be redacted.";
                    case "CHP-TLS-013", "CHP-TLS-014" ->
                            "It holds sensitive data that cannot be redacted where it stands.";
                    case "CHP-POL-002" -> "It still held sensitive data after redaction.";
                    case "CHP-GATE-002" -> "It could not be checked in time.";
                    case "CHP-GATE-003" ->
                            "Chaperone is stopping and could not finish checking it.";
                    default -> "It could not be checked.";
                };
        return new Refusal(
                shortId(event),
                "Chaperone did not send this message. "
                        + why
                        + " ("
                        + code
                        + ", id "
                        + shortId(event)
                        + ")",
                code);
    }

    /** The last eight hex digits: the random part of a version 7 UUID. */
    static String shortId(UUID event) {
        String text = event.toString();
        return text.substring(text.length() - ID_LENGTH);
    }
}
