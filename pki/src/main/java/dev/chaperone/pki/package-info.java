// SPDX-License-Identifier: Apache-2.0
/**
 * X.509: roots, one intermediate per service, leaves (DESIGN §4.7; RFC 5280). Called by agent-core
 * and server. Performs no I/O and reads no clock: the caller passes the instant.
 */
@NullMarked
package dev.chaperone.pki;

import org.jspecify.annotations.NullMarked;
