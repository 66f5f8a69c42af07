// SPDX-License-Identifier: Apache-2.0
/**
 * Request and answer bodies as trees of values that know the bytes they came from, so that a text
 * can be changed in place without a second parser (DESIGN §4.9). Used by the catalogue engine;
 * knows no service.
 */
@NullMarked
package dev.chaperone.inspector.body;

import org.jspecify.annotations.NullMarked;
