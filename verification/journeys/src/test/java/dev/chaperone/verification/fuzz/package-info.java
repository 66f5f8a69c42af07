// SPDX-License-Identifier: Apache-2.0
/**
 * Fuzz targets: a regression over a few seeds in the normal build, a search with {@code
 * JAZZER_FUZZ=1}.
 */
@NullMarked
package dev.chaperone.verification.fuzz;

import org.jspecify.annotations.NullMarked;
