// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

import dev.chaperone.model.ipc.Notice;

/** The entry in a desktop's tray. Thread-safe; nothing blocks for long. */
public interface Tray extends AutoCloseable {
    /** No tray here. */
    Tray NONE =
            new Tray() {
                @Override
                public void show(TrayState state) {}

                @Override
                public void tell(Notice notice) {}

                @Override
                public void close() {}
            };

    /** Shows how it is. */
    void show(TrayState state);

    /** Shows a notice, unless there were too many. */
    void tell(Notice notice);

    @Override
    void close();
}
