// SPDX-License-Identifier: Apache-2.0
/** What was decided about the person's messages. */
@NullMarked
package dev.chaperone.ui.history;

import org.jspecify.annotations.NullMarked;
