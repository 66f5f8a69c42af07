// SPDX-License-Identifier: Apache-2.0
/**
 * AI services as the catalogue declares them. Read by policies, matched by tls-inspector. Knows no
 * wire format beyond the declared notation.
 */
@NullMarked
package dev.chaperone.model.service;

import org.jspecify.annotations.NullMarked;
