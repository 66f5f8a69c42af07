// SPDX-License-Identifier: Apache-2.0
/**
 * The one page that administrators see in a browser: sign-in, figures, a chart and its table. It
 * reads through {@code report} and knows no SQL.
 */
@NullMarked
package dev.chaperone.server.console;

import org.jspecify.annotations.NullMarked;
