// SPDX-License-Identifier: Apache-2.0
/** Who may administrate, and the append-only record of what was read, changed and exported. */
@NullMarked
package dev.chaperone.server.admin;

import org.jspecify.annotations.NullMarked;
