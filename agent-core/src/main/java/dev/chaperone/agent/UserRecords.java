// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.doctor.Doctor;
import dev.chaperone.agent.ipc.UserViews;
import dev.chaperone.agent.ledger.PersonalLedger;
import dev.chaperone.agent.restore.RestoreStore;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.policies.PolicyDocument;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** What each user may see: events under the user's own pseudonym. Thread-safe; reads the store. */
final class UserRecords implements UserViews {
    private static final int MOST = 500;
    private static final Duration RECENT = Duration.ofDays(30);

    private final DataFolder folder;
    private final Pseudonyms pseudonyms;
    private final RestoreStore mappings;
    private final Supplier<PolicyDocument> policy;
    private final InstantSource clock;

    UserRecords(
            DataFolder folder,
            Pseudonyms pseudonyms,
            RestoreStore mappings,
            Supplier<PolicyDocument> policy,
            InstantSource clock) {
        this.folder = folder;
        this.pseudonyms = pseudonyms;
        this.mappings = mappings;
        this.policy = policy;
        this.clock = clock;
    }

    @Override
    public List<Activity> activity(long uid, Instant since) throws IOException {
        return events(uid, since).reversed().stream().limit(MOST).map(UserRecords::shown).toList();
    }

    private List<Event> events(long uid, Instant since) throws IOException {
        String user = pseudonyms.user(uid);
        return new EventReader(folder.path(), folder.vault())
                .since(since, 0).stream().filter(e -> e.user().equals(user)).toList();
    }

    private static Activity shown(Event e) {
        return new Activity(
                e.id(),
                e.at(),
                e.service(),
                e.app().name(),
                e.intent(),
                e.action(),
                e.outcome(),
                e.rule(),
                e.explanation(),
                e.findings(),
                e.notInspected(),
                e.repeats());
    }

    @Override
    public Ledger ledger(long uid, String language) throws IOException {
        Instant now = clock.instant();
        return PersonalLedger.of(
                policy.get(), events(uid, now.minus(RECENT)), mappings.count(uid), now, language);
    }

    @Override
    public long forget(long uid) {
        return mappings.forget(uid);
    }

    @Override
    public List<Check> checks(String language) {
        return Doctor.examine(folder.path(), language);
    }
}
