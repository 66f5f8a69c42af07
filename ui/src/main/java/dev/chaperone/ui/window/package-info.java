// SPDX-License-Identifier: Apache-2.0
/** The main window: the pages and the way between them. */
@NullMarked
package dev.chaperone.ui.window;

import org.jspecify.annotations.NullMarked;
