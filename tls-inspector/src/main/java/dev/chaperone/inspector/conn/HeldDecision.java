// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.prompt.Exchange;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A decision in the making: the inspection runs on a virtual thread, the deadline on the event
 * loop, and whichever ends first settles it, once. Everything but the inspection runs on the event
 * loop.
 */
final class HeldDecision {
    /** What is decided. */
    @FunctionalInterface
    interface Work {
        PromptInspection.Result run() throws InterruptedException;
    }

    private final ProxyContext proxy;
    private final EventLoop loop;
    private final Supplier<Exchange> exchange;
    private final Consumer<PromptInspection.Result> release;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable Future<?> running;
    private boolean settled;

    private HeldDecision(
            ProxyContext proxy,
            EventLoop loop,
            Supplier<Exchange> exchange,
            Consumer<PromptInspection.Result> release) {
        this.proxy = proxy;
        this.loop = loop;
        this.exchange = exchange;
        this.release = release;
    }

    /**
     * Starts a decision.
     *
     * @param exchange what a failure is recorded with, as it is known by then
     * @param release told the result on {@code loop}, unless {@link #cancel} came first
     */
    static HeldDecision start(
            ProxyContext proxy,
            EventLoop loop,
            Supplier<Exchange> exchange,
            Work work,
            Consumer<PromptInspection.Result> release) {
        HeldDecision decision = new HeldDecision(proxy, loop, exchange, release);
        proxy.counters().inspected.increment();
        decision.failAfter(Duration.ZERO);
        decision.running = proxy.blocking().submit(() -> decision.run(work));
        return decision;
    }

    private void failAfter(Duration asking) {
        deadline =
                loop.schedule(
                        this::overrun,
                        proxy.settings().decisionTimeout().plus(asking).toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Too late, unless a person is asked: then the rule's deadline counts, not ours. */
    private void overrun() {
        Duration asking = proxy.gate().asking(exchange.get());
        if (asking.isPositive() && !settled) {
            failAfter(asking);
        } else {
            fail("CHP-GATE-002");
        }
    }

    private void run(Work work) {
        try {
            PromptInspection.Result result = work.run();
            loop.execute(() -> settle(result));
        } catch (InterruptedException e) {
            // The client left, or the deadline passed: somebody else settled it.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | StackOverflowError e) {
            loop.execute(() -> fail("CHP-GATE-001"));
        }
    }

    /** Settles with the policy's fail verdict, computed without asking anyone. */
    void fail(String code) {
        if (settled) {
            return;
        }
        interrupt();
        settle(
                switch (proxy.gate().onFailure(exchange.get(), code)) {
                    case Verdict.Forward _ -> new PromptInspection.Result.AsItCame();
                    case Verdict.Refuse(Refusal refusal) ->
                            new PromptInspection.Result.Refused(refusal);
                    case Verdict.Rewrite _ ->
                            throw new IllegalStateException("a failure cannot rewrite");
                });
    }

    /** The client left: nothing is released any more. */
    void cancel() {
        if (!settled) {
            settled = true;
            proxy.counters().cancelled.increment();
            stopTimer();
            interrupt();
        }
    }

    private void settle(PromptInspection.Result result) {
        if (!settled) {
            settled = true;
            stopTimer();
            release.accept(result);
        }
    }

    private void stopTimer() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private void interrupt() {
        if (running != null) {
            running.cancel(true);
        }
    }
}
