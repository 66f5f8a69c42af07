// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray.dbus;

import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.Struct;
import org.freedesktop.dbus.Tuple;
import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.annotations.Position;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/** The menu of a tray entry; com.canonical.dbusmenu version 3. */
@DBusInterfaceName("com.canonical.dbusmenu")
public interface DbusMenu extends DBusInterface {
    String NAME = "com.canonical.dbusmenu";
    String PATH = "/MenuBar";

    /** The entries below one; {@code (u(ia{sv}av))}. */
    Layout<UInt32, Entry> GetLayout(int parentId, int recursionDepth, List<String> propertyNames);

    /** Properties of several entries; an empty list means all. */
    List<Properties> GetGroupProperties(List<Integer> ids, List<String> propertyNames);

    /** One property of one entry. */
    Variant<?> GetProperty(int id, String name);

    /** Something happened to an entry: {@code clicked}, {@code hovered}, … */
    void Event(int id, String eventId, Variant<?> data, UInt32 timestamp);

    /** Whether an entry changed and must be read again before it is shown. */
    boolean AboutToShow(int id);

    /**
     * What {@link #GetLayout} returns.
     *
     * @param <A> the revision's type
     * @param <B> the entry's type
     */
    final class Layout<A, B> extends Tuple {
        @Position(0)
        public final A revision;

        @Position(1)
        public final B root;

        public Layout(A revision, B root) {
            this.revision = revision;
            this.root = root;
        }
    }

    /** An entry with what is below it. */
    final class Entry extends Struct {
        @Position(0)
        public final int id;

        @Position(1)
        public final Map<String, Variant<?>> properties;

        @Position(2)
        public final List<Variant<?>> children;

        public Entry(int id, Map<String, Variant<?>> properties, List<Variant<?>> children) {
            this.id = id;
            this.properties = properties;
            this.children = children;
        }
    }

    /** The properties of an entry. */
    final class Properties extends Struct {
        @Position(0)
        public final int id;

        @Position(1)
        public final Map<String, Variant<?>> values;

        public Properties(int id, Map<String, Variant<?>> values) {
            this.id = id;
            this.values = values;
        }
    }

    /** The entries changed. */
    final class LayoutUpdated extends DBusSignal {
        public final UInt32 revision;
        public final int parent;

        public LayoutUpdated(String path, UInt32 revision, int parent) throws DBusException {
            super(path, revision, parent);
            this.revision = revision;
            this.parent = parent;
        }
    }
}
