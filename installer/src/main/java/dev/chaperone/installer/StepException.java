// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

/** A step could not be done; its message says in one line what, where and what to do. */
public final class StepException extends Exception {
    private static final long serialVersionUID = 1;

    public StepException(String message) {
        super(message);
    }
}
