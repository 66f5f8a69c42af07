// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ResidentPagesTest {
    private static List<String> mapping(String head, int swapped, int anonymous) {
        return List.of(
                head,
                "Size:              38000 kB",
                "Rss:               38000 kB",
                "Shared_Dirty:          0 kB",
                "Private_Dirty:      30000 kB", // the cache's: written a moment ago
                "Anonymous:          " + anonymous + " kB",
                "Swap:               " + swapped + " kB",
                "VmFlags: rd mr mw me");
    }

    private static final String READ_ONLY =
            "800000000-802400000 r--p 01faf000 fd:00 1234                     /opt/x/lib/app/x.aot";

    @Test
    void fileThatNobodyWroteToIsGivenBack() {
        assertThat(ResidentPages.clean(mapping(READ_ONLY, 0, 0)))
                .singleElement()
                .satisfies(m -> {
                    assertThat(m.start()).isEqualTo(0x800000000L);
                    assertThat(m.length()).isEqualTo(0x2400000L);
                    assertThat(m.file()).isEqualTo("/opt/x/lib/app/x.aot");
                });
    }

    /** Giving these back would lose what is in them. */
    @Test
    void pagesOfTheirOwnAreKept() {
        assertThat(ResidentPages.clean(mapping(READ_ONLY, 4, 0))).isEmpty();
        assertThat(ResidentPages.clean(mapping(READ_ONLY, 0, 4))).isEmpty();
        assertThat(ResidentPages.clean(mapping(READ_ONLY.replace("r--p", "rw-p"), 0, 0))).isEmpty();
        assertThat(ResidentPages.clean(mapping(READ_ONLY.replace("r--p", "r--s"), 0, 0))).isEmpty();
        assertThat(ResidentPages.clean(mapping("800000000-802400000 r--p 00000000 00:00 0 ", 0, 0)))
                .isEmpty();
    }

    @Test
    void smallOnesAreNotWorthIt() {
        assertThat(ResidentPages.clean(mapping(READ_ONLY.replace("802400000", "800001000"), 0, 0)))
                .isEmpty();
    }

    @Test
    void theOneAfterADirtyOneIsFound() {
        List<String> two = new java.util.ArrayList<>(mapping(READ_ONLY, 4, 4));
        two.addAll(mapping(READ_ONLY.replace("r--p", "r-xp").replace("x.aot", "libjvm.so"), 0, 0));
        assertThat(ResidentPages.clean(two))
                .singleElement()
                .satisfies(m -> assertThat(m.file()).endsWith("libjvm.so"));
    }
}
