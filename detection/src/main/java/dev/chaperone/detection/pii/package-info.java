// SPDX-License-Identifier: Apache-2.0
/** Detectors of personal and payment data: cards, accounts, addresses, numbers of people. */
@NullMarked
package dev.chaperone.detection.pii;

import org.jspecify.annotations.NullMarked;
