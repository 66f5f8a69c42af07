// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.Ledger.Field;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectedFieldsTest {
    /** Fails for a field without purpose, reader or end. */
    @ParameterizedTest
    @ValueSource(strings = {"en", "de"})
    void everyFieldSaysWhyWhoAndUntilWhen(String language) {
        List<Field> fields = CollectedFields.in(language);
        assertThat(fields)
                .hasSameSizeAs(CollectedFields.names())
                .allSatisfy(f -> {
                    assertThat(f.what()).isNotBlank();
                    assertThat(f.purpose()).isNotBlank();
                    assertThat(f.reader()).isNotBlank();
                    assertThat(f.expiry()).isNotBlank();
                });
    }

    @Test
    void everyFieldOfAnEventIsThere() {
        assertThat(CollectedFields.names())
                .containsAll(
                        Arrays.stream(Event.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .map("event."::concat)
                                .toList());
    }

    /** A field that went away must not be promised any more. */
    @Test
    void nothingIsSaidOfFieldsThatAreNotThere() {
        assertThat(new TreeSet<>(keys("fields.properties")))
                .isEqualTo(new TreeSet<>(CollectedFields.names()));
    }

    @Test
    void bothLanguagesSayTheSame() {
        assertThat(new TreeSet<>(keys("words.properties")))
                .isEqualTo(new TreeSet<>(keys("words_de.properties")));
    }

    private static Set<String> keys(String file) {
        Properties properties = CollectedFields.load(file);
        return properties.stringPropertyNames();
    }
}
