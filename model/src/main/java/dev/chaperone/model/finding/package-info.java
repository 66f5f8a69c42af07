// SPDX-License-Identifier: Apache-2.0
/** What detection found in a prompt: sensitive data, intent and threats. Masked samples only. */
@NullMarked
package dev.chaperone.model.finding;

import org.jspecify.annotations.NullMarked;
