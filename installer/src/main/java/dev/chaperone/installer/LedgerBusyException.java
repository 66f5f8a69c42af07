// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;

/** Another process installs, repairs or removes; nothing was changed by this one. */
public final class LedgerBusyException extends IOException {
    private static final long serialVersionUID = 1;

    LedgerBusyException() {
        super("another installation or removal is at work; try again when it has ended");
    }
}
