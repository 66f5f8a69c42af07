// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import dev.chaperone.model.ipc.Question;
import java.io.PrintStream;

/** The lines that whoever started this process reads. The only place that prints. */
final class Console {
    private final PrintStream out;
    private final PrintStream err;

    Console(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    static Console standard() {
        return new Console(System.out, System.err);
    }

    /** The process takes questions. */
    void ready() {
        line("chaperone-ui: ready");
    }

    /** A card is on the screen; {@code millis} since its question was read from the agent. */
    void cardShown(Question question, long millis) {
        line("chaperone-ui: card " + question.id() + " shown after " + millis + " ms");
    }

    void line(String text) {
        out.println(text);
        out.flush();
    }

    /** One line for whoever has to do something. */
    void complain(String text) {
        err.println("chaperone-ui: " + text);
        err.flush();
    }
}
