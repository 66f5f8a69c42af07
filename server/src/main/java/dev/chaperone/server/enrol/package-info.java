// SPDX-License-Identifier: Apache-2.0
/** Tokens, devices and their client certificates (DESIGN §4.6). */
@NullMarked
package dev.chaperone.server.enrol;

import org.jspecify.annotations.NullMarked;
