// SPDX-License-Identifier: Apache-2.0
/** The commands {@code server}, {@code report} and {@code admin}. The only package that prints. */
@NullMarked
package dev.chaperone.server.cli;

import org.jspecify.annotations.NullMarked;
