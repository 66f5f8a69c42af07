// SPDX-License-Identifier: Apache-2.0
/**
 * The demonstration: a stand-in AI service on JDK sockets, a client and the report, as separate
 * processes.
 */
@NullMarked
package dev.chaperone.agent.demo;

import org.jspecify.annotations.NullMarked;
