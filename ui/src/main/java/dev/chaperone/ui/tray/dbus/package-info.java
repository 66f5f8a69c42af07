// SPDX-License-Identifier: Apache-2.0
/**
 * The tray entry of Linux desktops: StatusNotifierItem with com.canonical.dbusmenu, and notices by
 * org.freedesktop.Notifications, over the session bus.
 */
@NullMarked
package dev.chaperone.ui.tray.dbus;

import org.jspecify.annotations.NullMarked;
