// SPDX-License-Identifier: Apache-2.0
/** The coaching desk: questions that a person has to answer before a message may go. */
@NullMarked
package dev.chaperone.agent.coach;

import org.jspecify.annotations.NullMarked;
