// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The database did not do what was asked. The message holds an error number and never what the
 * database says, which may quote values.
 */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean overloaded;

    private StorageException(String message, boolean overloaded, @Nullable Throwable cause) {
        super(message, cause);
        this.overloaded = overloaded;
    }

    static StorageException overloadedNow() {
        return new StorageException("too many writes wait", true, null);
    }

    static StorageException of(SQLException e) {
        // Without the cause: its message may quote what was to be stored.
        StorageException wrapped =
                new StorageException(
                        "the database failed with code " + e.getErrorCode(), false, null);
        wrapped.setStackTrace(e.getStackTrace());
        return wrapped;
    }

    static StorageException closed() {
        return new StorageException("the storage is closed", false, null);
    }

    /** Whether to try again a little later is all that is needed. */
    public boolean overloaded() {
        return overloaded;
    }
}
