// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray.dbus;

import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.tray.TrayActions;
import dev.chaperone.ui.tray.TrayState;
import dev.chaperone.ui.tray.TrayState.Mood;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.Struct;
import org.freedesktop.dbus.annotations.Position;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.types.Variant;

/** Our tray entry. Called on the bus's threads. */
final class Item implements StatusNotifierItem, Properties {
    private final Words words;
    private final TrayActions actions;
    private volatile TrayState state = new TrayState(Mood.AWAY, 0);

    /** A tool tip: {@code (sa(iiay)ss)}. */
    static final class ToolTip extends Struct {
        @Position(0)
        public final String icon;

        @Position(1)
        public final List<Picture> pictures;

        @Position(2)
        public final String title;

        @Position(3)
        public final String text;

        ToolTip(String icon, List<Picture> pictures, String title, String text) {
            this.icon = icon;
            this.pictures = pictures;
            this.title = title;
            this.text = text;
        }
    }

    Item(Words words, TrayActions actions) {
        this.words = words;
        this.actions = actions;
    }

    void set(TrayState now) {
        state = now;
    }

    String status() {
        return state.mood() == Mood.ASKS ? "NeedsAttention" : "Active";
    }

    @Override
    public void Activate(int x, int y) {
        if (state.open() > 0) {
            actions.showCard();
        } else {
            actions.showStatus();
        }
    }

    @Override
    public void SecondaryActivate(int x, int y) {
        actions.showHistory();
    }

    @Override
    public void ContextMenu(int x, int y) {
        actions.showStatus();
    }

    @Override
    public void Scroll(int delta, String orientation) {
        // The wheel does nothing here.
    }

    @Override
    public Map<String, Variant<?>> GetAll(String name) {
        TrayState now = state;
        String says = now.says(words);
        String besides =
                now.isPaused() && now.mood() != Mood.PAUSED
                        ? words.get("tray.paused", now.until(words))
                        : "";
        List<Picture> pictures = List.of(Picture.of(now.mood()));
        Map<String, Variant<?>> all = new LinkedHashMap<>();
        all.put("Category", new Variant<>("SystemServices"));
        all.put("Id", new Variant<>("chaperone"));
        all.put("Title", new Variant<>(says));
        all.put("Status", new Variant<>(status()));
        all.put("IconName", new Variant<>(""));
        all.put("IconPixmap", new Variant<>(pictures, "a(iiay)"));
        all.put("AttentionIconName", new Variant<>(""));
        all.put("AttentionIconPixmap", new Variant<>(pictures, "a(iiay)"));
        all.put("OverlayIconName", new Variant<>(""));
        all.put(
                "ToolTip",
                new Variant<>(new ToolTip("", List.of(), says, besides), "(sa(iiay)ss)"));
        all.put("ItemIsMenu", new Variant<>(false));
        all.put("WindowId", new Variant<>(0));
        all.put("Menu", new Variant<>(new DBusPath(DbusMenu.PATH)));
        return all;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as dbus-java declares it
    public <A> A Get(String name, String property) {
        Variant<?> value = GetAll(name).get(property);
        if (value == null) {
            throw new org.freedesktop.dbus.exceptions.DBusExecutionException("no such property");
        }
        return (A) value;
    }

    @Override
    public <A> void Set(String name, String property, A value) {
        throw new org.freedesktop.dbus.exceptions.DBusExecutionException("read only");
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
