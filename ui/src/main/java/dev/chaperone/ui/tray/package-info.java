// SPDX-License-Identifier: Apache-2.0
/** The entry in the desktop's tray, and its notices. Starts no JavaFX. */
@NullMarked
package dev.chaperone.ui.tray;

import org.jspecify.annotations.NullMarked;
