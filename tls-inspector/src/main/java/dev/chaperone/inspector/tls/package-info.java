// SPDX-License-Identifier: Apache-2.0
/** ClientHello, TLS engines and upstream trust. */
@NullMarked
package dev.chaperone.inspector.tls;

import org.jspecify.annotations.NullMarked;
