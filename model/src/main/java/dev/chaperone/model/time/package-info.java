// SPDX-License-Identifier: Apache-2.0
/** Times as people write them. No clock: now is given. */
@NullMarked
package dev.chaperone.model.time;

import org.jspecify.annotations.NullMarked;
