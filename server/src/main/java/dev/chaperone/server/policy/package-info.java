// SPDX-License-Identifier: Apache-2.0
/** Publishing of policies and their delivery to devices as signed bundles (DESIGN §4.3). */
@NullMarked
package dev.chaperone.server.policy;

import org.jspecify.annotations.NullMarked;
