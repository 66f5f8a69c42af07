// SPDX-License-Identifier: Apache-2.0
/** The agent's typed configuration, read once at start. */
@NullMarked
package dev.chaperone.agent.config;

import org.jspecify.annotations.NullMarked;
