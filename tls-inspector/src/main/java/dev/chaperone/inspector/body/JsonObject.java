// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An object: names and values in document order. Small objects are searched faster than hashed. */
public final class JsonObject implements JsonValue {
    private String[] names = new String[8];
    private JsonValue[] values = new JsonValue[8];
    private @Nullable Text @Nullable [] nameTexts;
    private int size;

    public int size() {
        return size;
    }

    public String name(int i) {
        return names[i];
    }

    public JsonValue value(int i) {
        return values[i];
    }

    /** The value of a member, or null. */
    public @Nullable JsonValue get(String name) {
        int i = indexOf(name);
        return i < 0 ? null : values[i];
    }

    /** A name that looks like content (a map by e-mail address or number) as a text, else null. */
    public @Nullable Text nameText(int i) {
        return nameTexts == null || i >= nameTexts.length ? null : nameTexts[i];
    }

    /** Remembers the last added member's name as content. */
    void nameText(Text text) {
        if (nameTexts == null) {
            nameTexts = new Text[names.length];
        } else if (nameTexts.length < names.length) {
            nameTexts = Arrays.copyOf(nameTexts, names.length);
        }
        nameTexts[size - 1] = text;
    }

    int indexOf(String name) {
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** Adds a member without looking whether there is one of that name. */
    public JsonObject add(String name, JsonValue value) {
        if (size == names.length) {
            names = Arrays.copyOf(names, size * 2);
            values = Arrays.copyOf(values, size * 2);
        }
        names[size] = name;
        values[size++] = value;
        return this;
    }

    /** Sets or adds a member. */
    public void put(String name, JsonValue value) {
        int i = indexOf(name);
        if (i < 0) {
            add(name, value);
        } else {
            values[i] = value;
        }
    }

    public void remove(String name) {
        int i = indexOf(name);
        if (i >= 0) {
            System.arraycopy(names, i + 1, names, i, size - i - 1);
            System.arraycopy(values, i + 1, values, i, size - i - 1);
            size--;
        }
    }

    @Override
    public String toString() {
        return "JsonObject[" + size + "]";
    }
}
