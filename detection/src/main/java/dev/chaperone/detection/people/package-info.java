// SPDX-License-Identifier: Apache-2.0
/** Finds tables of people and reports whole columns of names, phones, addresses. */
@NullMarked
package dev.chaperone.detection.people;

import org.jspecify.annotations.NullMarked;
