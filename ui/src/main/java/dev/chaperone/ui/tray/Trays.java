// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.tray.dbus.BusTray;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds the tray of this desktop. */
public final class Trays {
    private Trays() {}

    /**
     * The tray.
     *
     * @param tray to be told of changes; {@link Tray#NONE} where there is nothing
     * @param shown whether a person sees an entry now
     */
    public record Found(Tray tray, boolean shown) {}

    /** Looks for a tray. Blocks for a moment. */
    public static Found find(Map<String, String> environment, Words words, TrayActions actions) {
        if (!System.getProperty("os.name", "").startsWith("Linux")) {
            return AwtTray.find(words, actions)
                    .map(tray -> new Found(tray, true))
                    .orElse(new Found(Tray.NONE, false));
        }
        return address(environment)
                .flatMap(address -> BusTray.connect(address, words, actions))
                .map(tray -> new Found(tray, tray.hasWatcher()))
                .orElse(new Found(Tray.NONE, false));
    }

    /** The session bus: where the environment says, else its standard place. */
    private static Optional<String> address(Map<String, String> environment) {
        String said = environment.getOrDefault("DBUS_SESSION_BUS_ADDRESS", "");
        if (!said.isBlank()) {
            return Optional.of(said);
        }
        return Optional.ofNullable(environment.get("XDG_RUNTIME_DIR"))
                .map(folder -> Path.of(folder, "bus"))
                .filter(Files::exists)
                .map(bus -> "unix:path=" + bus);
    }
}
