// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import dev.chaperone.model.event.Event;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The one JSON form of an event. Thread-safe. */
public final class EventJson {
    private final JsonMapper mapper =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    public byte[] write(Event event) {
        return mapper.writeValueAsBytes(event);
    }

    /** Empty when the bytes are no event, for example one of a later version with another form. */
    public Optional<Event> read(byte[] bytes) {
        try {
            return Optional.of(mapper.readValue(bytes, Event.class));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
