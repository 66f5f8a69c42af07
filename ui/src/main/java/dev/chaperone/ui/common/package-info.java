// SPDX-License-Identifier: Apache-2.0
/** What every window needs: words, themes, inert text, small parts. Knows no feature. */
@NullMarked
package dev.chaperone.ui.common;

import org.jspecify.annotations.NullMarked;
