// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a batch adds to the tables that reports read: gathered in memory, then written once per day
 * and row. An event counts in one row of each dimension, and in one row per type it held.
 */
public final class RollUp {
    /** Separates the parts of a value that has several. */
    public static final char PARTS = '\u001f';

    private static final String ADD =
            "insert into usage_day (day, dimension, value, events, repeats, found, redacted,"
                    + " stopped, bytes) values (?,?,?,?,?,?,?,?,?)"
                    + " on conflict (day, dimension, value) do update set"
                    + " events = events + excluded.events, repeats = repeats + excluded.repeats,"
                    + " found = found + excluded.found, redacted = redacted + excluded.redacted,"
                    + " stopped = stopped + excluded.stopped, bytes = bytes + excluded.bytes";
    private static final String PERSON =
            "insert into usage_person (day, dimension, value, person) values (?,?,?,?)"
                    + " on conflict do nothing";

    private record Key(long day, String dimension, String value) {}

    private record Seen(Key key, String person) {}

    private static final class Sums {
        long events;
        long repeats;
        long found;
        long redacted;
        long stopped;
        long bytes;
    }

    RollUp() {}

    private final Map<Key, Sums> sums = new HashMap<>();
    private final Set<Seen> people = new HashSet<>();

    /**
     * Counts a new event.
     *
     * @param day days since 1970 UTC
     * @param group of the device
     * @param event its user already under the server's pseudonym
     */
    void add(long day, String group, Event event) {
        rows(
                day,
                group,
                event,
                (key, e) -> {
                    Sums s = sums.computeIfAbsent(key, _ -> new Sums());
                    s.events++;
                    s.repeats += e.repeats();
                    s.found += found(e) ? 1 : 0;
                    s.redacted += e.outcome() == Outcome.SENT_REDACTED ? 1 : 0;
                    s.stopped += left(e.outcome()) || e.outcome() == Outcome.SENT_REDACTED ? 0 : 1;
                    s.bytes += e.bytes();
                    people.add(new Seen(key, e.user()));
                });
    }

    /** Counts that a known event was seen again. */
    void repeat(long day, String group, Event event, int times) {
        rows(
                day,
                group,
                event,
                (key, _) -> sums.computeIfAbsent(key, _ -> new Sums()).repeats += times);
    }

    private interface Visitor {
        void visit(Key key, Event event);
    }

    private static void rows(long day, String group, Event e, Visitor visitor) {
        visitor.visit(new Key(day, "stored", ""), e);
        if (e.stage() != Stage.REQUEST || e.endpointKind().equals("control")) {
            return; // not a use: an answer belongs to its prompt, a failed connection to nobody
        }
        visitor.visit(new Key(day, "total", ""), e);
        visitor.visit(new Key(day, "day", LocalDate.ofEpochDay(day).toString()), e);
        visitor.visit(new Key(day, "service", e.service()), e);
        visitor.visit(new Key(day, "application", e.app().name()), e);
        visitor.visit(new Key(day, "group", group), e);
        visitor.visit(new Key(day, "intent", e.intent()), e);
        visitor.visit(new Key(day, "action", e.action().id()), e);
        e.findings()
                .forEach((type, n) -> {
                    if (n > 0) {
                        visitor.visit(new Key(day, "data-type", type), e);
                    }
                });
        if (found(e) && left(e.outcome())) {
            visitor.visit(new Key(day, "leak-total", ""), e);
            visitor.visit(new Key(day, "leak", e.outcome().name() + PARTS + e.rule()), e);
        }
    }

    private static boolean found(Event e) {
        return e.findings().values().stream().anyMatch(n -> n > 0);
    }

    /**
     * Whether the content left as it was. {@code TIMED_OUT}: nobody answered, and the rule let it
     * go; where the rule did not, the outcome is {@code BLOCKED}. {@code EDITED}: this content
     * stayed, the edited one is an event of its own.
     */
    private static boolean left(Outcome outcome) {
        return switch (outcome) {
            case SENT, SENT_WITH_REASON, TIMED_OUT -> true;
            case SENT_REDACTED, EDITED, CANCELLED, BLOCKED -> false;
        };
    }

    void write(Connection c) throws SQLException {
        try (PreparedStatement add = c.prepareStatement(ADD);
                PreparedStatement person = c.prepareStatement(PERSON)) {
            for (Map.Entry<Key, Sums> row : sums.entrySet()) {
                Sums s = row.getValue();
                bind(add, row.getKey());
                long[] values = {s.events, s.repeats, s.found, s.redacted, s.stopped, s.bytes};
                for (int i = 0; i < values.length; i++) {
                    add.setLong(4 + i, values[i]);
                }
                add.executeUpdate();
            }
            for (Seen seen : people) {
                bind(person, seen.key());
                person.setString(4, seen.person());
                person.executeUpdate();
            }
        }
    }

    private static void bind(PreparedStatement s, Key key) throws SQLException {
        s.setLong(1, key.day());
        s.setString(2, key.dimension());
        s.setString(3, key.value());
    }
}
