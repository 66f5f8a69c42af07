// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.agent.EventRecorder.Receipt;
import dev.chaperone.agent.PromptPipeline.Case;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.prompt.Exchange;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * Tells a user's interfaces what became of a new message about which nobody was asked, once it is
 * settled. Content that comes again is not told again. Thread-safe; returns at once.
 */
final class NoticeBoard {
    private final BiConsumer<Long, Notice> interfaces;

    /** What is told when the rewritten message has passed its last look, by exchange. */
    private final Cache<Long, Notice> rewritten =
            Caffeine.newBuilder().maximumSize(1024).expireAfterWrite(Duration.ofMinutes(2)).build();

    /**
     * @param interfaces takes a user id and what is told to it; returns at once
     */
    NoticeBoard(BiConsumer<Long, Notice> interfaces) {
        this.interfaces = interfaces;
    }

    /** A decision was taken; a rewrite is told of when it has been made. */
    void decided(Case inHand, Receipt receipt, Verdict verdict) {
        Action decision = inHand.decision().action();
        if (!receipt.fresh() || decision == Action.ALLOW || decision == Action.COACH) {
            return;
        }
        Exchange exchange = inHand.exchange();
        switch (verdict) {
            case Verdict.Rewrite _ ->
                    rewritten.put(exchange.id(), notice(inHand, receipt, Action.REDACT));
            case Verdict.Refuse _ -> tell(exchange, notice(inHand, receipt, Action.BLOCK));
            case Verdict.Forward _ -> tell(exchange, notice(inHand, receipt, Action.WARN));
        }
    }

    /** A rewritten message goes on its way. */
    void sent(Exchange exchange) {
        Notice notice = rewritten.asMap().remove(exchange.id());
        if (notice != null) {
            tell(exchange, notice);
        }
    }

    /** A message could not be rewritten: nothing was sent. */
    void notSent(Exchange exchange) {
        Notice n = rewritten.asMap().remove(exchange.id());
        if (n != null) {
            tell(exchange, new Notice(n.id(), n.service(), n.app(), Action.BLOCK, n.message()));
        }
    }

    private void tell(Exchange exchange, Notice notice) {
        interfaces.accept(exchange.client().uid(), notice);
    }

    private static Notice notice(Case inHand, Receipt receipt, Action action) {
        return new Notice(
                receipt.id(),
                inHand.exchange().service().id(),
                inHand.exchange().client().appName(),
                action,
                inHand.decision().why().message());
    }
}
