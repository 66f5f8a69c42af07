// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.agent.doctor.Doctor;
import dev.chaperone.agent.doctor.PauseCheck;
import dev.chaperone.agent.ipc.UserViews;
import dev.chaperone.agent.ledger.PersonalLedger;
import dev.chaperone.agent.pause.PauseDesk;
import dev.chaperone.agent.pause.PauseException;
import dev.chaperone.agent.restore.RestoreStore;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.policies.PolicyDocument;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What each user may see: events under the user's own pseudonym. Thread-safe; reads the store. */
final class UserRecords implements UserViews {
    private static final int MOST = 500;
    private static final Duration RECENT = Duration.ofDays(30);

    private final DataFolder folder;
    private final Pseudonyms pseudonyms;
    private final RestoreStore mappings;
    private final Supplier<PolicyDocument> policy;
    private final PauseDesk pauses;
    private final InstantSource clock;
    private final Cache<Reader, List<Check>> examined =
            Caffeine.newBuilder().maximumSize(64).expireAfterWrite(Duration.ofSeconds(10)).build();

    UserRecords(
            DataFolder folder,
            Pseudonyms pseudonyms,
            RestoreStore mappings,
            Supplier<PolicyDocument> policy,
            PauseDesk pauses,
            InstantSource clock) {
        this.folder = folder;
        this.pseudonyms = pseudonyms;
        this.mappings = mappings;
        this.policy = policy;
        this.pauses = pauses;
        this.clock = clock;
    }

    @Override
    public List<Activity> activity(long uid, Instant since) throws IOException {
        return reader().ofUser(pseudonyms.user(uid), since, MOST).stream()
                .map(Activity::of)
                .toList();
    }

    private EventReader reader() throws IOException {
        return new EventReader(folder.path(), folder.vault());
    }

    @Override
    public Ledger ledger(long uid, String language) throws IOException {
        Instant now = clock.instant();
        PersonalLedger.Recent recent = new PersonalLedger.Recent();
        reader().each(pseudonyms.user(uid), now.minus(RECENT), recent::add);
        return PersonalLedger.of(policy.get(), recent, mappings.count(uid), now, language);
    }

    @Override
    public long forget(long uid) {
        return mappings.forget(uid);
    }

    @Override
    public Instant pause(long uid, PauseRequest request) throws PauseException {
        return pauses.pause(uid, request);
    }

    @Override
    public boolean resume(long uid) {
        return pauses.resume(uid);
    }

    @Override
    public Optional<AgentStatus.Pause> pausing(long uid) {
        return pauses.of(uid);
    }

    /** Looked at once for all connections of a user that ask within a moment. */
    @Override
    public List<Check> checks(long uid, String language) {
        return examined.get(
                new Reader(uid, language),
                r ->
                        Doctor.examine(
                                folder.path(),
                                r.language,
                                r.uid == 0 ? null : pseudonyms.user(r.uid)));
    }

    @Override
    public List<Check> pauseChecks(long uid, String language) {
        return PauseCheck.of(pauses, uid, language);
    }

    private record Reader(long uid, String language) {}
}
