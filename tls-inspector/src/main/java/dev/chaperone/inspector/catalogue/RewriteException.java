// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

/** A segment cannot be changed in place; the prompt has to be refused instead. */
public final class RewriteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RewriteException(String reason) {
        super(reason);
    }
}
