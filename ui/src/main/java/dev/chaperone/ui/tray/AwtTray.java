// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

import dev.chaperone.model.ipc.Notice;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Words;
import java.awt.AWTException;
import java.awt.Color;
import java.awt.EventQueue;
import java.awt.Graphics2D;
import java.awt.MenuItem;
import java.awt.PopupMenu;
import java.awt.RenderingHints;
import java.awt.SystemTray;
import java.awt.TrayIcon;
import java.awt.image.BufferedImage;
import java.time.InstantSource;
import java.util.Optional;

/** The tray of Windows and macOS, by AWT. Not tried on either yet. */
final class AwtTray implements Tray {
    private static final int SIZE = 32;
    private static final int MAX_SENTENCE = 300;

    private final Words words;
    private final TrayIcon icon;
    private final PopupMenu menu = new PopupMenu();
    private final MenuItem open;
    private final MenuItem pause;
    private final NoticeLimit limit = new NoticeLimit(InstantSource.system());
    private boolean paused; // on AWT's thread

    private AwtTray(Words words, TrayActions actions) {
        this.words = words;
        open = item(words.get("tray.open", 0), actions::showCard);
        pause =
                item(
                        words.get("tray.pause"),
                        () -> {
                            if (paused) {
                                actions.resume();
                            } else {
                                actions.askPause();
                            }
                        });
        menu.add(open);
        menu.add(item(words.get("tray.history"), actions::showHistory));
        menu.add(item(words.get("tray.collected"), actions::showCollected));
        menu.add(item(words.get("tray.status"), actions::showStatus));
        menu.add(item(words.get("tray.quit"), actions::quit));
        icon = new TrayIcon(picture(TrayState.Mood.AWAY), words.get("app.name"), menu);
        icon.setImageAutoSize(true);
        icon.addActionListener(_ -> actions.showStatus());
    }

    /** Empty where AWT has no tray. */
    static Optional<Tray> find(Words words, TrayActions actions) {
        if (java.awt.GraphicsEnvironment.isHeadless() || !SystemTray.isSupported()) {
            return Optional.empty();
        }
        AwtTray tray = new AwtTray(words, actions);
        try {
            SystemTray.getSystemTray().add(tray.icon);
            return Optional.of(tray);
        } catch (AWTException e) {
            return Optional.empty();
        }
    }

    private static MenuItem item(String label, Runnable action) {
        MenuItem item = new MenuItem(label);
        item.addActionListener(_ -> action.run());
        return item;
    }

    private static BufferedImage picture(TrayState.Mood mood) {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setColor(
                switch (mood) {
                    case ASKS -> new Color(0x0969DA);
                    case UNPROTECTED -> new Color(0xCF222E);
                    case PAUSED -> new Color(0xBF8700);
                    case AWAY -> new Color(0x8C959F);
                    case PROTECTED -> new Color(0x1A7F37);
                });
        graphics.fillPolygon(
                new int[] {4, 28, 28, 24, 16, 8, 4}, new int[] {4, 4, 16, 25, 30, 25, 16}, 7);
        graphics.dispose();
        return image;
    }

    @Override
    public void show(TrayState state) {
        EventQueue.invokeLater(() -> {
            icon.setImage(picture(state.mood()));
            icon.setToolTip(state.says(words));
            open.setLabel(words.get("tray.open", state.open()));
            open.setEnabled(state.open() > 0);
            paused = state.isPaused();
            pause.setLabel(
                    paused
                            ? words.get("tray.resume", state.until(words))
                            : words.get("tray.pause"));
            if (state.pause() == null) {
                menu.remove(pause);
            } else if (pause.getParent() == null) {
                menu.insert(pause, menu.getItemCount() - 1); // before the last, which quits
            }
        });
    }

    @Override
    public void tell(Notice notice) {
        Optional<String> title = words.find("notice." + notice.action().id());
        if (title.isPresent() && limit.admits(notice)) {
            EventQueue.invokeLater(() ->
                    icon.displayMessage(
                            title.get(),
                            Inert.line(notice.message(), MAX_SENTENCE),
                            TrayIcon.MessageType.NONE));
        }
    }

    @Override
    public void close() {
        EventQueue.invokeLater(() -> SystemTray.getSystemTray().remove(icon));
    }
}
