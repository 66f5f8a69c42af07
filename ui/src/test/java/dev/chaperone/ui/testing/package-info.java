// SPDX-License-Identifier: Apache-2.0
/** What several tests need: an agent's end of the socket, windows and a robot, pictures. */
@NullMarked
package dev.chaperone.ui.testing;

import org.jspecify.annotations.NullMarked;
