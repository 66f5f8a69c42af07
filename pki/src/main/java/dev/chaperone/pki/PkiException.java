// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import org.jspecify.annotations.Nullable;

/** A certificate or key that cannot be made or read. Messages hold no key material. */
public final class PkiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PkiException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
