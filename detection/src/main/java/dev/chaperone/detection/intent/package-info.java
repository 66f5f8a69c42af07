// SPDX-License-Identifier: Apache-2.0
/** What the person wants: a linear model over hashed n-grams, and the features it reads. */
@NullMarked
package dev.chaperone.detection.intent;

import org.jspecify.annotations.NullMarked;
