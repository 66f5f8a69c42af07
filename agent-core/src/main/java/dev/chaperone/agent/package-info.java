// SPDX-License-Identifier: Apache-2.0
/** The application: the only module that sees all others. {@code AgentMain} is the command line. */
@NullMarked
package dev.chaperone.agent;

import org.jspecify.annotations.NullMarked;
