// SPDX-License-Identifier: Apache-2.0
/**
 * Recorded traffic: reads HAR 1.2 files and the project's fixtures into exchanges and looks at them
 * with the same code as live traffic. Called by {@code inspect} and by tests; decides nothing.
 */
@NullMarked
package dev.chaperone.inspector.capture;

import org.jspecify.annotations.NullMarked;
