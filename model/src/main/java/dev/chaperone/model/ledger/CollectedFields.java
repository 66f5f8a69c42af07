// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ledger;

import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.Ledger.Field;
import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.LifecycleEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * The fields of every record that is stored on the device or sent, read off the records themselves.
 * {@code fields.properties} says who reads a field and when it ends; {@code words.properties} says
 * in each language what it is and why it is kept. Immutable.
 */
public final class CollectedFields {
    /** Records that the server gets, by the name a person reads. */
    private static final List<Kept> RECORDS =
            List.of(
                    new Kept("event", Event.class),
                    new Kept("app", Event.App.class),
                    new Kept("loss", EventBatch.Loss.class),
                    new Kept("device", DeviceStatus.class),
                    new Kept("lifecycle", LifecycleEntry.class),
                    new Kept("enrolment", Enrolment.Request.class));

    /** What only the device holds. */
    private static final List<String> LOCAL =
            List.of("question", "redactedValue", "conversation", "settledQuestion", "keys");

    private record Kept(String name, Class<? extends Record> type) {}

    private final Properties codes;
    private final Properties words;

    private CollectedFields(Properties codes, Properties words) {
        this.codes = codes;
        this.words = words;
    }

    /**
     * Every field, in the order of the records.
     *
     * @param language of the reader, a BCP 47 tag; every other than German is English
     * @throws IllegalStateException naming the field that lacks its purpose, reader or end
     */
    public static List<Field> in(String language) {
        String file = language.startsWith("de") ? "words_de.properties" : "words.properties";
        return new CollectedFields(load("fields.properties"), load(file)).fields();
    }

    /** Names of all fields, {@code record.field}. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Kept kept : RECORDS) {
            for (String field : components(kept.type)) {
                names.add(kept.name + "." + field);
            }
        }
        LOCAL.forEach(l -> names.add("local." + l));
        return names;
    }

    private List<Field> fields() {
        return names().stream().map(this::field).toList();
    }

    private Field field(String name) {
        String[] code = required(codes, name).split(",", -1);
        if (code.length != 2) {
            throw new IllegalStateException("fields.properties: " + name + " = READER,END");
        }
        int dot = name.indexOf('.');
        return new Field(
                required(words, "record." + name.substring(0, dot)),
                name.substring(dot + 1),
                !name.startsWith("local."),
                required(words, name + ".what"),
                required(words, name + ".why"),
                required(words, "reader." + code[0].strip()),
                required(words, "end." + code[1].strip()));
    }

    private static List<String> components(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
    }

    private static String required(Properties from, String key) {
        String value = from.getProperty(key);
        if (value == null || value.isBlank()) {
            throw new IllegalStateException(
                    "the ledger does not say '" + key + "': a field needs purpose, reader and end");
        }
        return value;
    }

    static Properties load(String file) {
        try (InputStream in = CollectedFields.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not on the class path");
            }
            Properties properties = new Properties();
            try (Reader text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
                properties.load(text);
            }
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
