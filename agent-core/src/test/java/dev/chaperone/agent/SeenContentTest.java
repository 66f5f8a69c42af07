// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.SeenContent.Novelty;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SeenContentTest {
    private static final UUID EVENT = new UUID(1, 2);

    private final SeenContent seen = new SeenContent();

    @Test
    void newTextsOfAResentHistoryAreNamed() {
        Prompt first = Prompts.of(null, "one", "two");
        assertThat(seen.compare("s", first)).isEqualTo(new Novelty.Fresh(Set.of(0, 1)));
        seen.remember("s", first.segments(), EVENT);
        assertThat(seen.compare("s", Prompts.of(null, "one", "two", "three")))
                .isEqualTo(new Novelty.Fresh(Set.of(2)));
    }

    @Test
    void retryIsARepeatOfItsEvent() {
        Prompt prompt = Prompts.of(null, "one");
        seen.remember("s", prompt.segments(), EVENT);
        assertThat(seen.compare("s", prompt)).isEqualTo(new Novelty.Repeat(EVENT));
    }

    @Test
    void sameTextAtAnotherServiceIsNew() {
        Prompt prompt = Prompts.of(null, "one");
        seen.remember("s", prompt.segments(), EVENT);
        assertThat(seen.compare("other", prompt)).isEqualTo(new Novelty.Fresh(Set.of(0)));
    }

    @Test
    void whatNobodyReadIsNeverARepeat() {
        Prompt unread = Prompts.unread(NotInspected.Reason.OVERSIZE);
        seen.remember("s", unread.segments(), EVENT);
        assertThat(seen.compare("s", unread)).isEqualTo(new Novelty.Fresh(Set.of()));
    }
}
