// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray.dbus;

import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.messages.DBusSignal;

/** One tray entry; freedesktop.org, StatusNotifierItem. Its properties are read by Properties. */
@DBusInterfaceName("org.kde.StatusNotifierItem")
public interface StatusNotifierItem extends DBusInterface {
    String NAME = "org.kde.StatusNotifierItem";
    String PATH = "/StatusNotifierItem";

    /** Pressed. */
    void Activate(int x, int y);

    /** Pressed with the middle button. */
    void SecondaryActivate(int x, int y);

    /** Asked for its menu, by a desktop that does not show the one of {@code Menu}. */
    void ContextMenu(int x, int y);

    /** Turned with the wheel. */
    void Scroll(int delta, String orientation);

    /** The picture changed. */
    final class NewIcon extends DBusSignal {
        public NewIcon(String path) throws DBusException {
            super(path);
        }
    }

    /** The tool tip changed. */
    final class NewToolTip extends DBusSignal {
        public NewToolTip(String path) throws DBusException {
            super(path);
        }
    }

    /** The status changed. */
    final class NewStatus extends DBusSignal {
        public NewStatus(String path, String status) throws DBusException {
            super(path, status);
        }
    }
}
