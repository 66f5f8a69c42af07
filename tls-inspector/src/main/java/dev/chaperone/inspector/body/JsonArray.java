// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.util.ArrayList;
import java.util.List;

/**
 * An array.
 *
 * @param elements in order; changed only by document patches
 */
public record JsonArray(List<JsonValue> elements) implements JsonValue {
    public JsonArray() {
        this(new ArrayList<>(4));
    }

    @Override
    public String toString() {
        return "JsonArray[" + elements.size() + "]";
    }
}
