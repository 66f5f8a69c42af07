// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

import org.jspecify.annotations.Nullable;

/**
 * The account a request is sent with, as far as it tells.
 *
 * @param kind for example {@code enterprise}, {@code personal}, {@code api}; null when unknown
 * @param id workspace, tenant or organisation identifier; null when unknown
 */
public record Account(@Nullable String kind, @Nullable String id) {
    public static final Account UNKNOWN = new Account(null, null);

    @Override
    public String toString() {
        return "Account[" + kind + "]";
    }
}
