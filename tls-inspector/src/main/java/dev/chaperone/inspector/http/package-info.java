// SPDX-License-Identifier: Apache-2.0
/** HTTP messages independent of their version, and the codecs that read and write them. */
@NullMarked
package dev.chaperone.inspector.http;

import org.jspecify.annotations.NullMarked;
