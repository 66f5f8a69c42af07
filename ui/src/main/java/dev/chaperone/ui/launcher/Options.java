// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.IpcPath;
import dev.chaperone.ui.common.Look.Theme;
import dev.chaperone.ui.demo.SimulatedPerson.Does;
import dev.chaperone.ui.window.MainWindow.Tab;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for on the command line.
 *
 * @param socket the agent's socket; need not be there yet
 * @param named whether socket or data folder was given
 * @param demo sample data instead of an agent
 * @param language {@code en} or {@code de}
 * @param theme light, dark or as the desktop
 * @param show what to show at once
 * @param tray false to do without
 * @param person what a robot does with each card; {@code NOTHING} for a real person
 */
record Options(
        Path socket,
        boolean named,
        boolean demo,
        String language,
        Theme theme,
        List<Show> show,
        boolean tray,
        Does person) {
    static final String USAGE =
            """
            Usage: chaperone ui [--socket PATH | --data-dir DIR] [--demo] [--language en|de]
                                [--theme light|dark|system] [--show card|history|collected|status]
                                [--no-tray] [--help] [--version]
            The person's side of Chaperone: an entry in the tray, and a card when a message needs a decision.
              --socket PATH    Socket of the agent.
              --data-dir DIR   Data folder of the agent.
              --demo           Every screen with sample data; no agent is needed.
              --language L     en or de; else as the system is set.
              --theme T        light, dark or system.
              --show WHAT      Opens the card, or a page of the main window.
              --no-tray        No entry in the tray.
              --person WHAT    For demonstrations: a robot presses redact or cancel on each card, or nothing.
            Exit status: 0 done, 2 wrong use, 3 no display or no place for the socket.\
            """;

    Options {
        show = List.copyOf(show);
    }

    /** What can be opened. */
    enum Show {
        CARD,
        HISTORY,
        COLLECTED,
        STATUS;

        /** The page of the main window; the card has none. */
        Tab tab() {
            return switch (this) {
                case HISTORY -> Tab.HISTORY;
                case COLLECTED -> Tab.COLLECTED;
                case CARD, STATUS -> Tab.STATUS;
            };
        }
    }

    /** Wrong use; the message is one line that says what to do. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /**
     * Reads the arguments.
     *
     * @param environment for the standard places and the language
     * @param home the user's folder
     */
    static Options parse(List<String> arguments, Map<String, String> environment, Path home)
            throws UsageException {
        Path socket = null;
        Path dataDir = null;
        boolean demo = false;
        boolean tray = true;
        Does person = Does.NOTHING;
        String language = Locale.getDefault().getLanguage();
        Theme theme = Theme.SYSTEM;
        List<Show> show = new ArrayList<>();
        Arguments rest = new Arguments(arguments);
        for (String name = rest.next(); name != null; name = rest.next()) {
            switch (name) {
                case "--socket" -> socket = path(rest.value(name));
                case "--data-dir" -> dataDir = path(rest.value(name));
                case "--demo" -> demo = true;
                case "--no-tray" -> tray = false;
                case "--person" -> person = choice(Does.class, name, rest.value(name));
                case "--language" -> language = language(rest.value(name));
                case "--theme" -> theme = choice(Theme.class, name, rest.value(name));
                case "--show" -> show.add(choice(Show.class, name, rest.value(name)));
                default ->
                        throw new UsageException(
                                "unknown argument " + name + "; see chaperone ui --help");
            }
        }
        if (socket != null && dataDir != null) {
            throw new UsageException("give --socket or --data-dir, not both");
        }
        Path found = socket != null ? fitting(socket) : standard(dataDir, environment, home);
        boolean named = socket != null || dataDir != null;
        return new Options(
                found,
                named,
                demo,
                language.startsWith("de") ? "de" : "en",
                theme,
                show,
                tray,
                person);
    }

    private static Path standard(@Nullable Path dataDir, Map<String, String> environment, Path home)
            throws UsageException {
        String xdg = environment.get("XDG_DATA_HOME");
        Path base = xdg != null && !xdg.isBlank() ? Path.of(xdg) : home.resolve(".local/share");
        Path standard = base.resolve("chaperone");
        Path own =
                IpcPath.of(
                                dataDir == null ? standard : dataDir.toAbsolutePath(),
                                standard,
                                environment.get("XDG_RUNTIME_DIR"))
                        .orElseThrow(() ->
                                new UsageException(
                                        "the data folder's path is too long for a socket"));
        return own;
    }

    /** Where the agent may be: the user's own first, then the machine's unless one was named. */
    List<Path> sockets() {
        return named ? List.of(socket) : List.of(socket, IpcPath.SERVICE);
    }

    private static Path fitting(Path socket) throws UsageException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > Ipc.MAX_PATH) {
            throw new UsageException("--socket: longer than " + Ipc.MAX_PATH + " bytes");
        }
        return socket.toAbsolutePath();
    }

    private static Path path(String value) throws UsageException {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new UsageException("not a path");
        }
    }

    private static String language(String value) throws UsageException {
        if (!value.equals("en") && !value.equals("de")) {
            throw new UsageException("--language: en or de");
        }
        return value;
    }

    private static <E extends Enum<E>> E choice(Class<E> type, String name, String value)
            throws UsageException {
        List<String> known = new ArrayList<>();
        for (E each : type.getEnumConstants()) {
            known.add(each.name().toLowerCase(Locale.ROOT));
            if (known.getLast().equals(value)) {
                return each;
            }
        }
        throw new UsageException(name + ": one of " + String.join(", ", known));
    }

    /** The arguments one after the other; {@code --name=value} counts as two. */
    private static final class Arguments {
        private final List<String> left = new ArrayList<>();

        Arguments(List<String> all) {
            for (String argument : all) {
                int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
                if (equals > 0) {
                    left.add(argument.substring(0, equals));
                    left.add(argument.substring(equals + 1));
                } else {
                    left.add(argument);
                }
            }
        }

        @Nullable String next() {
            return left.isEmpty() ? null : left.removeFirst();
        }

        String value(String name) throws UsageException {
            if (left.isEmpty()) {
                throw new UsageException(name + " needs a value");
            }
            return left.removeFirst();
        }
    }
}
