// SPDX-License-Identifier: Apache-2.0
/** Whether the person is protected, and what to do if not. */
@NullMarked
package dev.chaperone.ui.status;

import org.jspecify.annotations.NullMarked;
