// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.EventRecorder.Receipt;
import dev.chaperone.agent.PromptPipeline.Case;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.Notice;
import java.util.function.BiConsumer;

/**
 * Tells a user's interfaces what was decided about a new message without a question. Content that
 * comes again is not told again.
 */
final class NoticeBoard {
    private final BiConsumer<Long, Notice> interfaces;

    /**
     * @param interfaces takes a user id and what is told to it; returns at once
     */
    NoticeBoard(BiConsumer<Long, Notice> interfaces) {
        this.interfaces = interfaces;
    }

    void tell(Case inHand, Receipt receipt) {
        Action action = inHand.decision().action();
        boolean unasked = action != Action.ALLOW && action != Action.COACH;
        if (receipt.fresh() && unasked) {
            interfaces.accept(
                    inHand.exchange().client().uid(),
                    new Notice(
                            receipt.id(),
                            inHand.exchange().service().id(),
                            inHand.exchange().client().appName(),
                            action,
                            inHand.decision().why().message()));
        }
    }
}
