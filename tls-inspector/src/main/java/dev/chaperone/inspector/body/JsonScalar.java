// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

/** A number, true, false or null. Numbers keep the digits they were written with. */
public final class JsonScalar implements JsonValue {
    public static final JsonScalar TRUE = new JsonScalar("true");
    public static final JsonScalar FALSE = new JsonScalar("false");
    public static final JsonScalar NULL = new JsonScalar("null");

    private final String raw;

    private JsonScalar(String raw) {
        this.raw = raw;
    }

    public static JsonScalar number(String raw) {
        return new JsonScalar(raw);
    }

    /** As written. */
    public String raw() {
        return raw;
    }

    public boolean isNull() {
        return raw.equals("null");
    }

    public boolean isNumber() {
        char c = raw.charAt(0);
        return c == '-' || (c >= '0' && c <= '9');
    }

    @Override
    public String toString() {
        return "JsonScalar[" + raw.length() + " chars]";
    }
}
