// SPDX-License-Identifier: Apache-2.0
/**
 * The coaching card: what a person is asked about one message, and the queue of such questions.
 * Texts of prompts live here in memory only, and are shown inert.
 */
@NullMarked
package dev.chaperone.ui.card;

import org.jspecify.annotations.NullMarked;
