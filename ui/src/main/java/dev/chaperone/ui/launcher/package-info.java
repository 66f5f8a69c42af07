// SPDX-License-Identifier: Apache-2.0
/** The process: options, one instance a user, the link's events to tray and windows. */
@NullMarked
package dev.chaperone.ui.launcher;

import org.jspecify.annotations.NullMarked;
