// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.agent.pause.PauseException;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.PauseRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Views that name the user they were asked for. */
final class SampleViews implements UserViews {
    volatile boolean broken;
    volatile @Nullable Instant pausedUntil;

    /** How long conditions take to be looked at. */
    volatile CountDownLatch looking = new CountDownLatch(0);

    @Override
    public List<Activity> activity(long uid, Instant since) throws IOException {
        if (broken) {
            throw new IOException("the event store cannot be read: SQLite code 11");
        }
        return List.of(
                new Activity(
                        new UUID(0, uid),
                        since,
                        "svc",
                        "app-of-" + uid,
                        "code",
                        Action.REDACT,
                        Outcome.SENT_REDACTED,
                        "rule",
                        "why",
                        Map.of("EMAIL", 1),
                        Map.of(),
                        null,
                        0));
    }

    @Override
    public Ledger ledger(long uid, String language) {
        return new Ledger(language + " for " + uid, List.of(), List.of(), uid);
    }

    @Override
    public long forget(long uid) {
        return uid;
    }

    @Override
    public Instant pause(long uid, PauseRequest request) throws PauseException {
        if (request.minutes() > 30) {
            throw new PauseException(Ipc.INVALID_PARAMS, "too long for " + uid);
        }
        return Instant.EPOCH.plusSeconds(uid);
    }

    @Override
    public boolean resume(long uid) {
        return uid > 0;
    }

    @Override
    public Optional<AgentStatus.Pause> pausing(long uid) {
        return Optional.of(new AgentStatus.Pause((int) uid, true, pausedUntil));
    }

    @Override
    public List<Check> checks(long uid, String language) {
        try {
            looking.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of(new Check("port", State.OK, "says in " + language, ""));
    }

    @Override
    public List<Check> pauseChecks(long uid, String language) {
        return List.of(new Check("pause", State.OK, "until " + pausedUntil, ""));
    }
}
