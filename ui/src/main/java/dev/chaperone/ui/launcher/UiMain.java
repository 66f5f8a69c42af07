// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.demo.DemoAgent;
import dev.chaperone.ui.demo.SimulatedPerson;
import dev.chaperone.ui.link.AgentLink;
import dev.chaperone.ui.tray.Trays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The person's side of Chaperone: tray, card, history, ledger, status. */
public final class UiMain {
    private UiMain() {}

    public static void main(String[] arguments) {
        int status = run(List.of(arguments), Console.standard());
        System.exit(status); // JavaFX and D-Bus leave threads behind
    }

    /** Runs until it is to end; the exit status. */
    static int run(List<String> arguments, Console console) {
        if (arguments.contains("--help")) {
            console.line(Options.USAGE);
            return ExitStatus.DONE;
        }
        if (arguments.contains("--version")) {
            console.line(Version.line());
            return ExitStatus.DONE;
        }
        Options options;
        try {
            options =
                    Options.parse(
                            arguments, System.getenv(), Path.of(System.getProperty("user.home")));
        } catch (Options.UsageException e) {
            console.complain(String.valueOf(e.getMessage()));
            return ExitStatus.USAGE;
        }
        Optional<String> obstacle = JavaFx.obstacle(System.getenv());
        if (obstacle.isPresent()) {
            console.complain(obstacle.get());
            return ExitStatus.ENVIRONMENT;
        }
        return options.demo() ? demo(options, console) : live(options, console);
    }

    private static int demo(Options options, Console console) {
        Words words = Words.in(options.language());
        Desktop desktop =
                new Desktop(
                        listener -> new DemoAgent(listener, options.language()),
                        words,
                        options.theme(),
                        console,
                        System::nanoTime,
                        true,
                        new SimulatedPerson(options.person()));
        console.ready();
        ((DemoAgent) desktop.agent()).start();
        desktop.show(options.show().isEmpty() ? Options.Show.HISTORY : options.show().getFirst());
        return await(desktop, options, words, console);
    }

    private static int live(Options options, Console console) {
        Words words = Words.in(options.language());
        Desktop desktop =
                new Desktop(
                        listener -> new AgentLink(options.sockets(), options.language(), listener),
                        words,
                        options.theme(),
                        console,
                        System::nanoTime,
                        false,
                        new SimulatedPerson(options.person()));
        Path place =
                SingleInstance.place(
                        options.socket(),
                        System.getenv("XDG_RUNTIME_DIR"),
                        Path.of(System.getProperty("user.home")));
        try {
            Optional<SingleInstance> only = SingleInstance.claim(place, desktop::show);
            if (only.isEmpty()) {
                return second(place, options, console);
            }
            try (SingleInstance _ = only.get();
                    AgentLink link = (AgentLink) desktop.agent()) {
                link.start();
                link.tried().thenRun(console::ready);
                options.show().forEach(desktop::show);
                return await(desktop, options, words, console);
            }
        } catch (IOException e) {
            console.complain(
                    "the folder of "
                            + place
                            + " cannot be written; give another --socket or --data-dir");
            return ExitStatus.ENVIRONMENT;
        }
    }

    private static int second(Path place, Options options, Console console) {
        Options.Show show =
                options.show().isEmpty() ? Options.Show.STATUS : options.show().getFirst();
        boolean shown = SingleInstance.ask(place, show);
        console.line(
                shown
                        ? "chaperone-ui: already running; it comes forward"
                        : "chaperone-ui: already running");
        return ExitStatus.DONE;
    }

    private static int await(Desktop desktop, Options options, Words words, Console console) {
        if (options.tray()) {
            Trays.Found found = Trays.find(System.getenv(), words, desktop);
            desktop.use(found.tray());
            if (!found.shown()) {
                console.complain(
                        "no tray here; use: chaperone ui --show status, chaperone pending");
            }
        }
        try {
            return desktop.ended().join();
        } finally {
            desktop.close();
        }
    }
}
