// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import org.jspecify.annotations.Nullable;

/**
 * A clue to the account a request is sent with.
 *
 * @param from path, or {@code @header:…}, {@code @query:…}, {@code @path:…}
 * @param kind the account's kind when {@code from} selects a value; null when the clue tells no
 *     kind
 * @param id true when the value is the account's identifier
 */
public record AccountRule(String from, @Nullable String kind, boolean id) {}
