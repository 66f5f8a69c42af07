// SPDX-License-Identifier: Apache-2.0
/** The lifecycle logs of devices: kept, and compared with what was kept before. */
@NullMarked
package dev.chaperone.server.lifecycle;

import org.jspecify.annotations.NullMarked;
