// SPDX-License-Identifier: Apache-2.0
/**
 * What is kept about a person: every field with its purpose, its readers and its end. Adding a
 * field to a record that is stored or sent without saying these fails the build.
 */
@NullMarked
package dev.chaperone.model.ledger;

import org.jspecify.annotations.NullMarked;
