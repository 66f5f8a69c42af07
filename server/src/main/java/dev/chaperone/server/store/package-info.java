// SPDX-License-Identifier: Apache-2.0
/**
 * Where the server keeps things: units of work on JDBC connections, durable when they return. The
 * SQL of a subject lies with the subject. Knows neither HTTP nor what is stored.
 */
@NullMarked
package dev.chaperone.server.store;

import org.jspecify.annotations.NullMarked;
