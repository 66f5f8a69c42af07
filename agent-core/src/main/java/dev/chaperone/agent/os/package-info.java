// SPDX-License-Identifier: Apache-2.0
/**
 * What differs between operating systems, behind service interfaces: the key vault and who owns a
 * connection.
 */
@NullMarked
package dev.chaperone.agent.os;

import org.jspecify.annotations.NullMarked;
