// SPDX-License-Identifier: Apache-2.0
/** Every screen with sample data, without an agent. Nothing in it is real. */
@NullMarked
package dev.chaperone.ui.demo;

import org.jspecify.annotations.NullMarked;
