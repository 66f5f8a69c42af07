// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.AgentStatus.Pause;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.tray.dbus.DbusMenu;
import dev.chaperone.ui.tray.dbus.Notifications;
import dev.chaperone.ui.tray.dbus.StatusNotifierItem;
import dev.chaperone.ui.tray.dbus.StatusNotifierWatcher;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tray entry on a real session bus, as a desktop sees it. */
@NullMarked
class StatusNotifierTest {
    private static final int SECONDS = 10;

    private @TempDir Path folder;
    private @Nullable Process daemon;
    private String address = "";
    private final BlockingQueue<String> registered = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> noticed = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> pressed = new LinkedBlockingQueue<>();
    private @Nullable DBusConnection desktop;
    private Tray tray = Tray.NONE;

    /** The desktop's end. */
    private final class Watcher implements StatusNotifierWatcher {
        @Override
        public void RegisterStatusNotifierItem(String service) {
            registered.add(service);
        }

        @Override
        public boolean isRemote() {
            return false;
        }

        @Override
        public String getObjectPath() {
            return PATH;
        }
    }

    private final class Notified implements Notifications {
        @Override
        public UInt32 Notify(
                String appName,
                UInt32 replacesId,
                String appIcon,
                String summary,
                String body,
                List<String> actions,
                Map<String, Variant<?>> hints,
                int expireTimeout) {
            noticed.add(summary + "|" + body);
            return new UInt32(1);
        }

        @Override
        public boolean isRemote() {
            return false;
        }

        @Override
        public String getObjectPath() {
            return PATH;
        }
    }

    private final TrayActions actions =
            new TrayActions() {
                @Override
                public void showCard() {
                    pressed.add("card");
                }

                @Override
                public void showHistory() {
                    pressed.add("history");
                }

                @Override
                public void showCollected() {
                    pressed.add("collected");
                }

                @Override
                public void showStatus() {
                    pressed.add("status");
                }

                @Override
                public void askPause() {
                    pressed.add("pause");
                }

                @Override
                public void resume() {
                    pressed.add("resume");
                }

                @Override
                public void quit() {
                    pressed.add("quit");
                }
            };

    @BeforeEach
    void bus() throws Exception {
        try {
            daemon =
                    new ProcessBuilder(
                                    "dbus-daemon",
                                    "--session",
                                    "--print-address",
                                    "--nofork",
                                    "--address=unix:path=" + folder.resolve("bus"))
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            Assumptions.abort("dbus-daemon is not installed");
        }
        Process started = java.util.Objects.requireNonNull(daemon);
        BufferedReader out = started.inputReader(StandardCharsets.UTF_8);
        address = java.util.Objects.requireNonNull(out.readLine());
        desktop = DBusConnectionBuilder.forAddress(address).withShared(false).build();
    }

    @AfterEach
    void end() throws IOException {
        tray.close();
        if (desktop != null) {
            desktop.close();
        }
        if (daemon != null) {
            daemon.destroy();
        }
    }

    private DBusConnection desktop() {
        return java.util.Objects.requireNonNull(desktop);
    }

    private Trays.Found find(String language) {
        Trays.Found found =
                Trays.find(
                        Map.of("DBUS_SESSION_BUS_ADDRESS", address), Words.in(language), actions);
        tray = found.tray();
        return found;
    }

    private void watch() throws Exception {
        desktop().exportObject(StatusNotifierWatcher.PATH, new Watcher());
        desktop().requestBusName(StatusNotifierWatcher.NAME);
    }

    private static Variant<?> value(Map<String, Variant<?>> values, String name) {
        return java.util.Objects.requireNonNull(values.get(name));
    }

    private static String next(BlockingQueue<String> queue) throws InterruptedException {
        return String.valueOf(queue.poll(SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void itemRegistersIsReadAndItsMenuIsUsed() throws Exception {
        watch();
        assertThat(find("en").shown()).isTrue();
        String item = next(registered);
        assertThat(item).startsWith("org.kde.StatusNotifierItem-" + ProcessHandle.current().pid());
        tray.show(new TrayState(TrayState.Mood.ASKS, 2));

        Properties properties =
                desktop().getRemoteObject(item, StatusNotifierItem.PATH, Properties.class);
        Map<String, Variant<?>> all = properties.GetAll(StatusNotifierItem.NAME);
        assertThat(value(all, "Title").getValue()).isEqualTo("Chaperone: a question is open");
        assertThat(value(all, "Status").getValue()).isEqualTo("NeedsAttention");
        assertThat(value(all, "Menu").getValue()).hasToString(DbusMenu.PATH);
        assertThat(value(all, "IconPixmap").getSig()).isEqualTo("a(iiay)");
        assertThat(properties.<Object>Get(StatusNotifierItem.NAME, "Id")).isEqualTo("chaperone");

        DbusMenu menu = desktop().getRemoteObject(item, DbusMenu.PATH, DbusMenu.class);
        DbusMenu.Layout<UInt32, DbusMenu.Entry> layout = menu.GetLayout(0, -1, List.of());
        assertThat(layout.root.children).hasSize(7);
        assertThat(
                        value(
                                        menu.GetGroupProperties(List.of(1), List.of())
                                                .getFirst()
                                                .values,
                                        "label")
                                .getValue())
                .isEqualTo("Show 2 open questions");
        for (int id = 1; id <= 7; id++) { // 6 and 7 are not shown, and do nothing
            menu.Event(id, "clicked", new Variant<>(0), new UInt32(0));
        }
        assertThat(
                        List.of(
                                next(pressed),
                                next(pressed),
                                next(pressed),
                                next(pressed),
                                next(pressed)))
                .containsExactlyInAnyOrder("card", "history", "collected", "status", "quit");
        menu.Event(1, "hovered", new Variant<>(0), new UInt32(0));
        menu.Event(77, "clicked", new Variant<>(0), new UInt32(0));
        StatusNotifierItem entry =
                desktop().getRemoteObject(item, StatusNotifierItem.PATH, StatusNotifierItem.class);
        entry.Activate(0, 0);
        assertThat(next(pressed)).isEqualTo("card"); // the first since: hovering pressed nothing
    }

    private static String shown(DbusMenu menu, int id) {
        Map<String, Variant<?>> entry =
                menu.GetGroupProperties(List.of(id), List.of()).getFirst().values;
        return value(entry, "visible").getValue() + " " + value(entry, "label").getValue();
    }

    @Test
    void pauseIsOfferedWherePolicyAllowsItAndItsEndWhileItLasts() throws Exception {
        watch();
        Trays.Found ignored = find("en");
        String item = next(registered);
        DbusMenu menu = desktop().getRemoteObject(item, DbusMenu.PATH, DbusMenu.class);
        Properties properties =
                desktop().getRemoteObject(item, StatusNotifierItem.PATH, Properties.class);
        tray.show(new TrayState(TrayState.Mood.PROTECTED, 0));
        assertThat(shown(menu, 6)).startsWith("false");
        assertThat(shown(menu, 7)).startsWith("false");

        tray.show(new TrayState(TrayState.Mood.PROTECTED, 0, new Pause(30, true, null)));
        assertThat(shown(menu, 6)).isEqualTo("true Pause protection…");
        assertThat(shown(menu, 7)).startsWith("false");
        menu.Event(6, "clicked", new Variant<>(0), new UInt32(0));
        assertThat(next(pressed)).isEqualTo("pause");

        Instant until = Instant.now();
        String clock = Words.in("en").clock(until);
        tray.show(new TrayState(TrayState.Mood.PAUSED, 0, new Pause(30, true, until)));
        assertThat(shown(menu, 6)).startsWith("false");
        assertThat(shown(menu, 7)).isEqualTo("true Resume now (paused until " + clock + ")");
        assertThat(properties.<Object>Get(StatusNotifierItem.NAME, "Title"))
                .isEqualTo("Chaperone: paused until " + clock);
        menu.Event(7, "clicked", new Variant<>(0), new UInt32(0));
        assertThat(next(pressed)).isEqualTo("resume");

        // A question is more urgent, and hides no pause.
        tray.show(new TrayState(TrayState.Mood.ASKS, 1, new Pause(30, true, until)));
        assertThat(shown(menu, 7)).startsWith("true");
        Object[] toolTip = properties.Get(StatusNotifierItem.NAME, "ToolTip");
        assertThat(toolTip).contains("Chaperone: a question is open");
        assertThat(toolTip).contains("Chaperone: paused until " + clock);
    }

    @Test
    void itemRegistersWithADesktopThatComesLater() throws Exception {
        assertThat(find("de").shown()).isFalse();
        watch();
        assertThat(next(registered)).startsWith("org.kde.StatusNotifierItem-");
    }

    @Test
    void noticesAreInertAndNotRepeated() throws Exception {
        desktop().exportObject(Notifications.PATH, new Notified());
        desktop().requestBusName(Notifications.NAME);
        find("en");
        Notice one =
                new Notice(
                        UUID.randomUUID(),
                        "chatgpt",
                        "curl",
                        Action.BLOCK,
                        "No <b>\u202Etext & more");
        tray.tell(one);
        tray.tell(one);
        tray.tell(new Notice(UUID.randomUUID(), "chatgpt", "curl", Action.REDACT, "Another."));
        assertThat(next(noticed))
                .isEqualTo("A message was not sent|No &lt;b&gt;\\u{202E}text &amp; more");
        assertThat(next(noticed)).isEqualTo("Something was taken out of a message|Another.");
    }

    @Test
    void withoutABusThereIsNoTray() {
        Trays.Found found =
                Trays.find(
                        Map.of("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + folder.resolve("none")),
                        Words.in("en"),
                        actions);
        assertThat(found.shown()).isFalse();
        assertThat(found.tray()).isSameAs(Tray.NONE);
        assertThat(Trays.find(Map.of(), Words.in("en"), actions).shown()).isFalse();
    }
}
