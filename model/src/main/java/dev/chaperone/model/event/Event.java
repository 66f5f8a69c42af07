// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.event;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The record of one decision on new content (DESIGN §4.4). Holds no prompt text.
 *
 * @param id UUID version 7
 * @param v version of this form, 1
 * @param epoch the store's epoch: raised when a store is made anew
 * @param seq position in the epoch, from 1, without gaps; 0 until the store has numbered it
 * @param at wall clock
 * @param monotonicNanos monotonic clock of this run of the agent, ns
 * @param service id of the service
 * @param endpoint id of the endpoint
 * @param endpointKind {@code prompt}, {@code upload} …
 * @param host the opened host
 * @param account kind of account, or null when unknown
 * @param app the client program
 * @param actor who acts
 * @param user pseudonym of the user
 * @param model the AI model asked, or null
 * @param intent intent group
 * @param findings type → how often found
 * @param examples type → how often a documentation example was found (counted, not redacted)
 * @param threats kind → how often
 * @param stage request, response or tool
 * @param action what policy decided
 * @param rule the rule's id
 * @param explanation why, in the words shown to the person
 * @param outcome what became of it
 * @param notInspected reason → how many parts; empty when all was read
 * @param code stable error code when something went wrong, else null
 * @param repeats how often the same content was seen again (retries, resent history)
 * @param latencyMicros time the decision held the request, µs
 * @param bytes size of the inspected body, bytes
 * @param policy name and version of the policy in force
 * @param models versions of the models in force
 * @param correlation joins prompt, tool calls and answer
 */
public record Event(
        UUID id,
        int v,
        long epoch,
        long seq,
        Instant at,
        long monotonicNanos,
        String service,
        String endpoint,
        String endpointKind,
        String host,
        @Nullable String account,
        App app,
        Actor actor,
        String user,
        @Nullable String model,
        String intent,
        Map<String, Integer> findings,
        Map<String, Integer> examples,
        Map<String, Integer> threats,
        Stage stage,
        Action action,
        String rule,
        String explanation,
        Outcome outcome,
        Map<String, Integer> notInspected,
        @Nullable String code,
        int repeats,
        long latencyMicros,
        long bytes,
        String policy,
        List<String> models,
        UUID correlation) {
    public Event {
        findings = Map.copyOf(findings);
        examples = Map.copyOf(examples);
        threats = Map.copyOf(threats);
        notInspected = Map.copyOf(notInspected);
        models = List.copyOf(models);
    }

    /**
     * The client program.
     *
     * @param name executable's file name
     * @param signer who signed it, or null when not known
     * @param pathHash SHA-256 of the executable's path, hex, or null when not known
     */
    public record App(String name, @Nullable String signer, @Nullable String pathHash) {}

    /** Who acts. */
    public enum Actor {
        PERSON,
        AGENT,
        AGENT_FOR_PERSON
    }

    /** The same event at its place in the store. */
    public Event numbered(long newEpoch, long newSeq) {
        return with(newEpoch, newSeq, user, repeats);
    }

    /** The same event, seen again this often. */
    public Event repeated(int times) {
        return with(epoch, seq, user, times);
    }

    /** The same event under another pseudonym of its user. */
    public Event withUser(String pseudonym) {
        return with(epoch, seq, pseudonym, repeats);
    }

    private Event with(long newEpoch, long newSeq, String newUser, int newRepeats) {
        return new Event(
                id,
                v,
                newEpoch,
                newSeq,
                at,
                monotonicNanos,
                service,
                endpoint,
                endpointKind,
                host,
                account,
                app,
                actor,
                newUser,
                model,
                intent,
                findings,
                examples,
                threats,
                stage,
                action,
                rule,
                explanation,
                outcome,
                notInspected,
                code,
                newRepeats,
                latencyMicros,
                bytes,
                policy,
                models,
                correlation);
    }
}
