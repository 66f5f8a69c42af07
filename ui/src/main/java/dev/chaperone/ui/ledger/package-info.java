// SPDX-License-Identifier: Apache-2.0
/** What is collected about the person, and what is not looked at. */
@NullMarked
package dev.chaperone.ui.ledger;

import org.jspecify.annotations.NullMarked;
