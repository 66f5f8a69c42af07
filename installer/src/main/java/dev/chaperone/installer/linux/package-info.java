// SPDX-License-Identifier: Apache-2.0
/** The steps of a Linux machine. */
@NullMarked
package dev.chaperone.installer.linux;

import org.jspecify.annotations.NullMarked;
