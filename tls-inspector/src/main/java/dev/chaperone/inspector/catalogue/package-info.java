// SPDX-License-Identifier: Apache-2.0
/**
 * The engine that reads AI services as data: recognise, extract, rewrite, refuse. Used by the proxy
 * and by {@code inspect}. Performs no I/O.
 */
@NullMarked
package dev.chaperone.inspector.catalogue;

import org.jspecify.annotations.NullMarked;
