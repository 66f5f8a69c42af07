// SPDX-License-Identifier: Apache-2.0
/**
 * The organisation's root: its roles and their change, what it signs for devices and for which
 * names (DESIGN §4.7, docs/adr/0015). Device certificates of the agents' listener are {@code
 * enrol}'s.
 */
@NullMarked
package dev.chaperone.server.root;

import org.jspecify.annotations.NullMarked;
