// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import java.util.Map;
import java.util.Objects;

/** Reads members that a test knows to be there. */
final class JsonTreeTesting {
    private JsonTreeTesting() {}

    static Map<?, ?> members(JsonTree tree) {
        return (Map<?, ?>) Objects.requireNonNull(tree.value());
    }

    static JsonTree member(JsonTree tree, String name) {
        return (JsonTree) Objects.requireNonNull(members(tree).get(name), name);
    }
}
