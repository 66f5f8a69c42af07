// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.Words;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.util.ArrayList;
import java.util.List;

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

    /** Says by what the last one was seen. */
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
