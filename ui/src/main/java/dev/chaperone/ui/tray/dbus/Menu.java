// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray.dbus;

import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.tray.TrayActions;
import dev.chaperone.ui.tray.TrayState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/** The menu of our tray entry. Called on the bus's threads. */
final class Menu implements DbusMenu {
    /** The entries in their order; 0 is the id of the menu itself. */
    enum Choice {
        OPEN(1, "tray.open"),
        HISTORY(2, "tray.history"),
        COLLECTED(3, "tray.collected"),
        STATUS(4, "tray.status"),
        PAUSE(6, "tray.pause"),
        RESUME(7, "tray.resume"),
        QUIT(5, "tray.quit");

        private final int id;
        private final String key;

        Choice(int id, String key) {
            this.id = id;
            this.key = key;
        }

        static Optional<Choice> of(int id) {
            return Arrays.stream(values()).filter(c -> c.id == id).findFirst();
        }
    }

    private final Words words;
    private final TrayActions actions;
    private final AtomicInteger revision = new AtomicInteger(1);
    private volatile TrayState state = new TrayState(TrayState.Mood.AWAY, 0);

    Menu(Words words, TrayActions actions) {
        this.words = words;
        this.actions = actions;
    }

    /** How it is now; the new revision of the menu. */
    UInt32 set(TrayState now) {
        state = now;
        return new UInt32(revision.incrementAndGet());
    }

    @Override
    public Layout<UInt32, Entry> GetLayout(int parentId, int recursionDepth, List<String> names) {
        List<Variant<?>> children = new ArrayList<>();
        if (parentId == 0 && recursionDepth != 0) {
            for (Choice choice : Choice.values()) {
                children.add(
                        new Variant<>(
                                new Entry(choice.id, properties(choice.id), List.of()),
                                "(ia{sv}av)"));
            }
        }
        return new Layout<>(
                new UInt32(revision.get()), new Entry(parentId, properties(parentId), children));
    }

    private Map<String, Variant<?>> properties(int id) {
        if (id == 0) {
            return Map.of("children-display", new Variant<>("submenu"));
        }
        Optional<Choice> known = Choice.of(id);
        if (known.isEmpty()) {
            return Map.of();
        }
        Choice choice = known.get();
        TrayState now = state;
        String label =
                switch (choice) {
                    case OPEN -> words.get(choice.key, now.open());
                    case RESUME -> words.get(choice.key, now.until(words));
                    default -> words.get(choice.key);
                };
        return Map.of(
                // An underscore would mark an access key.
                "label", new Variant<>(label.replace("_", "__")),
                "enabled", new Variant<>(choice != Choice.OPEN || now.open() > 0),
                "visible", new Variant<>(isThere(choice, now)));
    }

    private static boolean isThere(Choice choice, TrayState now) {
        return switch (choice) {
            case PAUSE -> now.pause() != null && !now.isPaused();
            case RESUME -> now.isPaused();
            default -> true;
        };
    }

    @Override
    public List<Properties> GetGroupProperties(List<Integer> ids, List<String> names) {
        List<Integer> asked = new ArrayList<>(ids);
        if (asked.isEmpty()) {
            for (Choice choice : Choice.values()) {
                asked.add(choice.id);
            }
        }
        return asked.stream().map(id -> new Properties(id, properties(id))).toList();
    }

    @Override
    public Variant<?> GetProperty(int id, String name) {
        Variant<?> value = properties(id).get(name);
        return value == null ? new Variant<>("") : value;
    }

    @Override
    public void Event(int id, String eventId, Variant<?> data, UInt32 timestamp) {
        if (eventId.equals("clicked")) {
            Choice.of(id).filter(c -> isThere(c, state)).ifPresent(this::take);
        }
    }

    private void take(Choice choice) {
        switch (choice) {
            case OPEN -> actions.showCard();
            case HISTORY -> actions.showHistory();
            case COLLECTED -> actions.showCollected();
            case STATUS -> actions.showStatus();
            case PAUSE -> actions.askPause();
            case RESUME -> actions.resume();
            case QUIT -> actions.quit();
        }
    }

    @Override
    public boolean AboutToShow(int id) {
        return false;
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
