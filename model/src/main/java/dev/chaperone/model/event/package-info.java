// SPDX-License-Identifier: Apache-2.0
/**
 * The record of one decision, as stored on the device and sent to the server. Never holds prompt
 * text.
 */
@NullMarked
package dev.chaperone.model.event;

import org.jspecify.annotations.NullMarked;
