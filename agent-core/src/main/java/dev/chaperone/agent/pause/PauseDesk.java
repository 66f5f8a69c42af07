// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.pause;

import dev.chaperone.agent.lifecycle.Caller;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.policies.PolicyDocument;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who has paused the inspection of their own connections, and until when. Each question is answered
 * by the policy and the clock of its moment, so that a pause ends by itself; it is kept in memory
 * only, so that it ends with the agent. No pause begins that is not in the lifecycle log.
 * Thread-safe; {@link #pause}, {@link #resume} and {@link #settle} write to the log and block.
 */
public final class PauseDesk implements AutoCloseable {
    /** How long an end may stand before it is in the log. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Supplier<Optional<PolicyDocument.Pause>> policy;
    private final LifecycleLog log;
    private final InstantSource clock;
    private final Map<Long, Paused> paused = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param policy what the policy in force says about pauses; asked for each connection meanwhile
     */
    public PauseDesk(
            Supplier<Optional<PolicyDocument.Pause>> policy,
            LifecycleLog log,
            InstantSource clock) {
        this.policy = policy;
        this.log = log;
        this.clock = clock;
    }

    /**
     * One pause.
     *
     * @param from when it began
     * @param until when it ends at the latest
     */
    private record Paused(Instant from, Instant until) {
        /** Why it is over; empty while it lasts. A clock that was set back lengthens nothing. */
        Optional<String> over(Instant now, PolicyDocument.@Nullable Pause allowed) {
            if (allowed == null) {
                return Optional.of("policy allows no pause any more");
            }
            if (!now.isBefore(until)) {
                return Optional.of("its time is over");
            }
            if (now.isBefore(from)) {
                return Optional.of("the clock went back");
            }
            return now.isBefore(from.plus(allowed.longest()))
                    ? Optional.empty()
                    : Optional.of("policy allows less");
        }
    }

    /** Is told after each beginning and end. Returns at once. */
    public void listen(Runnable listener) {
        boolean ignored = listeners.add(listener);
    }

    /**
     * Pauses for a user from now on; one that lasts already is replaced.
     *
     * @return when it ends
     * @throws PauseException when policy does not allow this one, or it cannot be recorded
     */
    public Instant pause(long uid, PauseRequest request) throws PauseException {
        PolicyDocument.Pause allowed =
                policy.get()
                        .orElseThrow(() ->
                                new PauseException(
                                        Ipc.NOT_ALLOWED,
                                        "policy does not allow to pause; ask its author for the key"
                                                + " 'pause'"));
        long longest = allowed.longest().toMinutes();
        if (request.minutes() < 1 || request.minutes() > longest) {
            throw new PauseException(
                    Ipc.INVALID_PARAMS, "policy allows a pause of 1 to " + longest + " minutes");
        }
        String reason = plain(request.reason());
        if (reason.isEmpty() && allowed.reasonRequired()) {
            throw new PauseException(Ipc.INVALID_PARAMS, "policy asks for a reason; say why");
        }
        if (reason.length() > PauseRequest.MAX_REASON) {
            throw new PauseException(
                    Ipc.INVALID_PARAMS,
                    "the reason is longer than " + PauseRequest.MAX_REASON + " characters");
        }
        Instant until = begin(uid, request, reason);
        tell();
        return until;
    }

    private synchronized Instant begin(long uid, PauseRequest request, String reason)
            throws PauseException {
        Instant now = clock.instant();
        Paused fresh = new Paused(now, now.plus(request.minutes(), ChronoUnit.MINUTES));
        String detail =
                request.minutes()
                        + " min, until "
                        + fresh.until.truncatedTo(ChronoUnit.SECONDS)
                        + ", "
                        + request.via().name().toLowerCase(Locale.ROOT)
                        + (reason.isEmpty() ? "" : ": " + reason);
        if (!log.record("pause", detail, "uid " + uid)) {
            throw new PauseException(
                    Ipc.INTERNAL_ERROR,
                    "a pause that cannot be recorded is not made; see 'chaperone doctor'");
        }
        paused.put(uid, fresh);
        Thread ignored = Thread.startVirtualThread(() -> watch(uid, fresh));
        return fresh.until;
    }

    /** One line without what could steer a terminal or break the log's line. */
    private static String plain(@Nullable String reason) {
        return reason == null
                ? ""
                : reason.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+", " ").strip();
    }

    /** Sees to it that the end of a pause is recorded and told. */
    private void watch(long uid, Paused one) {
        try {
            while (one.equals(paused.get(uid))) {
                Thread.sleep(LOOK);
                settle();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does; the pause ends all the same
        }
    }

    /**
     * Ends a user's pause.
     *
     * @return false when there was none
     */
    public boolean resume(long uid) {
        boolean ended = end(uid, "by the user", "uid " + uid);
        if (ended) {
            tell();
        }
        return ended;
    }

    /** Records the end of each pause that is over. To be called when the policy changed, too. */
    public void settle() {
        boolean any = false;
        for (Map.Entry<Long, Paused> one : paused.entrySet()) {
            Optional<String> why = over(one.getValue());
            if (why.isPresent()) {
                any |= end(one.getKey(), "uid " + one.getKey() + ": " + why.get(), Caller.SYSTEM);
            }
        }
        if (any) {
            tell();
        }
    }

    private Optional<String> over(Paused one) {
        return one.over(clock.instant(), policy.get().orElse(null));
    }

    /** Protects first and records then. */
    private synchronized boolean end(long uid, String detail, String by) {
        if (paused.remove(uid) == null) {
            return false;
        }
        boolean ignored = log.record("resume", detail, by);
        return true;
    }

    private void tell() {
        listeners.forEach(Runnable::run);
    }

    /** Whether there is any pause to ask about. At once. */
    public boolean any() {
        return !paused.isEmpty();
    }

    /** Whether this user's connections pass now. At once. */
    public boolean covers(long uid) {
        Paused one = paused.get(uid);
        return one != null && over(one).isEmpty();
    }

    /** How many users' connections pass now. */
    public int count() {
        return (int) paused.keySet().stream().filter(this::covers).count();
    }

    /** What a user may do and has done; empty when policy allows no pause. */
    public Optional<AgentStatus.Pause> of(long uid) {
        return policy.get()
                .map(allowed -> {
                    Paused one = paused.get(uid);
                    return new AgentStatus.Pause(
                            (int) allowed.longest().toMinutes(),
                            allowed.reasonRequired(),
                            one == null || over(one).isPresent() ? null : one.until);
                });
    }

    /** Ends every pause, as the agent stops. */
    @Override
    public void close() {
        for (Long uid : List.copyOf(paused.keySet())) {
            boolean ignored = end(uid, "uid " + uid + ": the agent stopped", Caller.SYSTEM);
        }
    }
}
