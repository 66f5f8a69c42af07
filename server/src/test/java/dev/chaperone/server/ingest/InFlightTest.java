// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.server.http.Problem;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private final InFlight inFlight = new InFlight();

    @Test
    void deviceThatTricklesKeepsNobodyElseOut() {
        inFlight.enter(1);
        inFlight.enter(1);
        assertThatThrownBy(() -> inFlight.enter(1)).isInstanceOf(Problem.class);
        assertThatCode(() -> inFlight.enter(2)).doesNotThrowAnyException();
        inFlight.leave(1);
        assertThatCode(() -> inFlight.enter(1)).doesNotThrowAnyException();
    }

    @Test
    void thereIsABoundForAll() {
        for (long device = 0; device < InFlight.IN_ALL; device++) {
            inFlight.enter(device);
        }
        assertThatThrownBy(() -> inFlight.enter(1000)).isInstanceOf(Problem.class);
        inFlight.leave(5);
        assertThatCode(() -> inFlight.enter(1000)).doesNotThrowAnyException();
    }
}
