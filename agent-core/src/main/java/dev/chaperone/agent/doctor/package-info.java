// SPDX-License-Identifier: Apache-2.0
/**
 * Whether this device is protected, and how to mend it: for {@code chaperone doctor} and the status
 * page of the user interface.
 */
@NullMarked
package dev.chaperone.agent.doctor;

import org.jspecify.annotations.NullMarked;
