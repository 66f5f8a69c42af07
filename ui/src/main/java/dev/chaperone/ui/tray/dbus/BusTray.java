// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray.dbus;

import dev.chaperone.model.ipc.Notice;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.tray.NoticeLimit;
import dev.chaperone.ui.tray.Tray;
import dev.chaperone.ui.tray.TrayActions;
import dev.chaperone.ui.tray.TrayState;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBus;
import org.freedesktop.dbus.types.UInt32;

/**
 * A tray entry on the session bus. Registers again when the desktop's watcher starts anew. All talk
 * to the bus is on one thread, so that a slow desktop holds nobody. Thread-safe.
 */
public final class BusTray implements Tray {
    private static final System.Logger LOG = System.getLogger(BusTray.class.getName());
    private static final int EXPIRES = 8_000; // ms a notice stays
    private static final int MAX_SENTENCE = 300;

    /** ms. The library tries for ten seconds else, and the interface starts behind it. */
    private static final int CONNECT = 1_000;

    private final DBusConnection bus;
    private final Item item;
    private final Menu menu;
    private final Words words;
    private final String name;
    private final NoticeLimit limit = new NoticeLimit(InstantSource.system());
    private final ExecutorService talk =
            Executors.newSingleThreadExecutor(work -> {
                Thread thread = new Thread(work, "tray");
                thread.setDaemon(true);
                return thread;
            });

    private BusTray(DBusConnection bus, Words words, TrayActions actions) {
        this.bus = bus;
        this.words = words;
        this.item = new Item(words, actions);
        this.menu = new Menu(words, actions);
        this.name = StatusNotifierItem.NAME + "-" + ProcessHandle.current().pid() + "-1";
    }

    /**
     * Enters the session bus. Empty when there is none at that address.
     *
     * @param address as in {@code DBUS_SESSION_BUS_ADDRESS}
     */
    public static Optional<BusTray> connect(String address, Words words, TrayActions actions) {
        try {
            DBusConnection bus =
                    DBusConnectionBuilder.forAddress(address)
                            .withShared(false)
                            .transportConfig()
                            .withTimeout(CONNECT)
                            .back()
                            .build();
            BusTray tray = new BusTray(bus, words, actions);
            tray.export();
            return Optional.of(tray);
        } catch (DBusException | DBusExecutionException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.DEBUG, "no session bus: " + e.getClass().getSimpleName());
            return Optional.empty();
        }
    }

    private void export() throws DBusException {
        bus.requestBusName(name);
        bus.exportObject(StatusNotifierItem.PATH, item);
        bus.exportObject(DbusMenu.PATH, menu);
        bus.addSigHandler(
                DBus.NameOwnerChanged.class,
                changed -> {
                    if (changed.name.equals(StatusNotifierWatcher.NAME)
                            && !changed.newOwner.isEmpty()) {
                        later(this::register);
                    }
                });
        later(this::register);
    }

    /** Whether a desktop is there that shows tray entries. Blocks for the bus's answer. */
    public boolean hasWatcher() {
        try {
            return bus.getRemoteObject("org.freedesktop.DBus", "/org/freedesktop/DBus", DBus.class)
                    .NameHasOwner(StatusNotifierWatcher.NAME);
        } catch (DBusException | DBusExecutionException e) {
            return false;
        }
    }

    private void register() throws DBusException {
        if (hasWatcher()) {
            bus.getRemoteObject(
                            StatusNotifierWatcher.NAME,
                            StatusNotifierWatcher.PATH,
                            StatusNotifierWatcher.class)
                    .RegisterStatusNotifierItem(name);
        }
    }

    @Override
    public void show(TrayState state) {
        item.set(state);
        UInt32 revision = menu.set(state);
        later(() -> {
            bus.sendMessage(new StatusNotifierItem.NewIcon(StatusNotifierItem.PATH));
            bus.sendMessage(new StatusNotifierItem.NewToolTip(StatusNotifierItem.PATH));
            bus.sendMessage(
                    new StatusNotifierItem.NewStatus(StatusNotifierItem.PATH, item.status()));
            bus.sendMessage(new DbusMenu.LayoutUpdated(DbusMenu.PATH, revision, 0));
        });
    }

    @Override
    public void tell(Notice notice) {
        Optional<String> title = words.find("notice." + notice.action().id());
        if (title.isPresent() && limit.admits(notice)) {
            later(() -> notify(title.get(), Inert.line(notice.message(), MAX_SENTENCE)));
        }
    }

    private void notify(String title, String message) throws DBusException {
        // The body may be read as markup.
        String body = message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        bus.getRemoteObject(Notifications.NAME, Notifications.PATH, Notifications.class)
                .Notify(
                        words.get("app.name"),
                        new UInt32(0),
                        "",
                        title,
                        body,
                        List.of(),
                        Map.of(),
                        EXPIRES);
    }

    /** Something to say to the bus. */
    @FunctionalInterface
    private interface Said {
        void say() throws DBusException;
    }

    private void later(Said said) {
        try {
            talk.execute(() -> {
                try {
                    said.say();
                } catch (DBusException | DBusExecutionException e) {
                    // No such service, or the desktop went: a tray is a convenience.
                    LOG.log(System.Logger.Level.DEBUG, "the bus: " + e.getClass().getSimpleName());
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "the tray is closed");
        }
    }

    @Override
    public void close() {
        talk.shutdownNow();
        try {
            bus.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "close: " + e.getClass().getSimpleName());
        }
    }
}
