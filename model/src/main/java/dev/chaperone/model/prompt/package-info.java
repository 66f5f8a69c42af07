// SPDX-License-Identifier: Apache-2.0
/**
 * What a person or an AI agent is about to send: the exchange it belongs to and its texts. Holds
 * prompt text, so every value hides it in toString.
 */
@NullMarked
package dev.chaperone.model.prompt;

import org.jspecify.annotations.NullMarked;
