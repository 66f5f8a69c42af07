// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.Words;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditions as they are found, with the words of one bundle. For one thread. */
final class CheckList {
    private final Words words;
    private final List<Check> checks = new ArrayList<>();

    /**
     * @param bundle its name in this package
     * @param language of the reader, a BCP 47 tag
     */
    CheckList(String bundle, String language) {
        this.words = Words.of("dev.chaperone.agent.doctor." + bundle, language);
    }

    void ok(String name, String key, Object... values) {
        add(name, State.OK, key, values);
    }

    void note(String name, String key, Object... values) {
        add(name, State.NOTE, key, values);
    }

    void bad(String name, String key, Object... values) {
        add(name, State.BAD, key, values);
    }

    /** A note of how many, in the sentence for one or for more. */
    void count(String name, String key, long count, Object... values) {
        String says = words.count(key, count, values);
        checks.add(new Check(name, State.NOTE, says, words.say(key + ".remedy", values)));
    }

    /** One that does not hold, in the words of what found it; the remedy is that of the key. */
    void broken(String name, @Nullable String says, String key, Object... values) {
        checks.add(
                new Check(
                        name, State.BAD, String.valueOf(says), words.say(key + ".remedy", values)));
    }

    String say(String key, Object... values) {
        return words.say(key, values);
    }

    /**
     * Says by what the last one was seen: files, addresses, dates, counts. No content of a prompt,
     * no secret, no host that a person visits.
     */
    void evidence(String seen) {
        Check last = checks.removeLast();
        checks.add(new Check(last.name(), last.state(), last.says(), last.remedy(), seen));
    }

    private void add(String name, State state, String key, Object... values) {
        String remedy = key + ".remedy";
        checks.add(
                new Check(
                        name,
                        state,
                        words.say(key, values),
                        words.knows(remedy) ? words.say(remedy, values) : ""));
    }

    List<Check> all() {
        return List.copyOf(checks);
    }
}
