// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.PromptGate;
import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.catalogue.PromptReader;
import dev.chaperone.inspector.catalogue.Reading;
import dev.chaperone.inspector.catalogue.Refusals;
import dev.chaperone.inspector.catalogue.RewriteException;
import dev.chaperone.inspector.catalogue.TextMap;
import dev.chaperone.inspector.http.ContentDecoding;
import dev.chaperone.inspector.http.ContentEncoding;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.UndecodableException;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import org.jspecify.annotations.Nullable;

/**
 * One request body or client message on its way through the gate: decode, read, decide, rewrite,
 * verify. Runs on a virtual thread; pure but for the gate.
 */
final class PromptInspection {
    /** What is to be sent. */
    sealed interface Result {
        /** The original bytes. */
        record AsItCame() implements Result {}

        /** Other bytes in their place; content encoding already applied. */
        @SuppressWarnings("ArrayRecordComponent") // written once, never compared
        record Changed(byte[] body) implements Result {}

        /** Nothing. */
        record Refused(Refusal refusal) implements Result {}
    }

    private static final Result AS_IT_CAME = new Result.AsItCame();

    private final PromptGate gate;
    private final int maxDecoded;

    PromptInspection(PromptGate gate, int maxDecoded) {
        this.gate = gate;
        this.maxDecoded = maxDecoded;
    }

    /** Inspects a request body as it is on the wire. */
    Result body(Exchange exchange, EndpointMatch match, RequestHead head, byte[] wire)
            throws InterruptedException {
        String encoding = head.contentEncoding();
        byte[] body;
        try {
            body = ContentDecoding.decode(encoding, wire, maxDecoded);
        } catch (UndecodableException e) {
            NotInspected.Reason reason =
                    e.reason() == UndecodableException.Reason.TOO_LARGE
                            ? NotInspected.Reason.OVERSIZE
                            : NotInspected.Reason.UNREADABLE;
            return unread(exchange, new NotInspected(reason, "CHP-TLS-010", wire.length));
        }
        Result result =
                decide(
                        exchange,
                        PromptReader.read(match, head, body),
                        new Again() {
                            @Override
                            public Reading read(byte[] changed) {
                                return PromptReader.read(match, head, changed);
                            }

                            @Override
                            public boolean signed() {
                                return SignedBody.covers(head);
                            }
                        });
        if (result instanceof Result.Changed changed) {
            try {
                return new Result.Changed(ContentEncoding.encode(encoding, changed.body));
            } catch (UndecodableException e) {
                return new Result.Refused(notRedactable(exchange, "CHP-TLS-012"));
            }
        }
        return result;
    }

    /**
     * The reply to a refused request.
     *
     * @param match null for a request to no declared endpoint
     * @param wire the body as it is on the wire, or null when it was not kept
     */
    Refusals.HttpReply refusal(
            @Nullable EndpointMatch match,
            RequestHead head,
            byte @Nullable [] wire,
            Refusal refusal) {
        byte[] body = null;
        if (wire != null) {
            try {
                body = ContentDecoding.decode(head.contentEncoding(), wire, maxDecoded);
            } catch (UndecodableException _) {
                body = null; // then the reply repeats nothing of it
            }
        }
        return Refusals.http(match, head, body, refusal);
    }

    /** Inspects one WebSocket message of the client. */
    Result message(
            Exchange exchange, EndpointMatch match, RequestHead head, byte[] payload, boolean text)
            throws InterruptedException {
        return decide(
                exchange,
                PromptReader.readMessage(match, head, payload, text),
                new Again() {
                    @Override
                    public Reading read(byte[] changed) {
                        return PromptReader.readMessage(match, head, changed, text);
                    }

                    @Override
                    public boolean signed() {
                        return false;
                    }
                });
    }

    /** Decides on content nobody could read. */
    Result unread(Exchange exchange, NotInspected why) throws InterruptedException {
        return switch (gate.decide(exchange, Prompt.unread(why))) {
            case Verdict.Forward _ -> AS_IT_CAME;
            case Verdict.Refuse(Refusal refusal) -> new Result.Refused(refusal);
            case Verdict.Rewrite _ -> new Result.Refused(notRedactable(exchange, why.code()));
        };
    }

    /** How to read the changed bytes once more. */
    private interface Again {
        Reading read(byte[] changed);

        boolean signed();
    }

    private Result decide(Exchange exchange, Reading reading, Again again)
            throws InterruptedException {
        return switch (reading) {
            case Reading.NotAPrompt _ -> AS_IT_CAME;
            case Reading.Unreadable(NotInspected why) -> unread(exchange, why);
            case Reading.Readable readable -> {
                Verdict verdict = gate.decide(exchange, readable.prompt());
                yield switch (verdict) {
                    case Verdict.Forward _ -> AS_IT_CAME;
                    case Verdict.Refuse(Refusal refusal) -> new Result.Refused(refusal);
                    case Verdict.Rewrite rewrite ->
                            rewrite(exchange, readable.map(), rewrite, again);
                };
            }
        };
    }

    private Result rewrite(Exchange exchange, TextMap map, Verdict.Rewrite rewrite, Again again)
            throws InterruptedException {
        if (again.signed()) {
            return new Result.Refused(notRedactable(exchange, "CHP-TLS-011"));
        }
        byte[] changed;
        try {
            changed = map.rewrite(rewrite.replacements());
        } catch (RewriteException e) {
            return new Result.Refused(notRedactable(exchange, "CHP-TLS-013"));
        }
        // The verify pass: exactly the bytes that will be sent are read and scanned again.
        if (!(again.read(changed) instanceof Reading.Readable asSent)) {
            return new Result.Refused(notRedactable(exchange, "CHP-TLS-014"));
        }
        return gate.verify(exchange, asSent.prompt()) instanceof Verdict.Refuse(Refusal refusal)
                ? new Result.Refused(refusal)
                : new Result.Changed(changed);
    }

    private Refusal notRedactable(Exchange exchange, String code) {
        return gate.notRedactable(exchange, code);
    }
}
