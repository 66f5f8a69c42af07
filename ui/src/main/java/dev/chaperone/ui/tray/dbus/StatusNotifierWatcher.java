// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray.dbus;

import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.interfaces.DBusInterface;

/** Where tray entries register; freedesktop.org, StatusNotifierWatcher. */
@DBusInterfaceName("org.kde.StatusNotifierWatcher")
public interface StatusNotifierWatcher extends DBusInterface {
    /** Bus name and path of every watcher. */
    String NAME = "org.kde.StatusNotifierWatcher";

    String PATH = "/StatusNotifierWatcher";

    /** Adds the item of this bus name. */
    void RegisterStatusNotifierItem(String service);
}
