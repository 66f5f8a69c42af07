// SPDX-License-Identifier: Apache-2.0
/** What is to be done with a prompt and what became of it. */
@NullMarked
package dev.chaperone.model.decision;

import org.jspecify.annotations.NullMarked;
