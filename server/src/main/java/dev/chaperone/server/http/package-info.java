// SPDX-License-Identifier: Apache-2.0
/** What every listener needs: TLS, problems (RFC 9457), bounded bodies, JSON. Knows no subject. */
@NullMarked
package dev.chaperone.server.http;

import org.jspecify.annotations.NullMarked;
