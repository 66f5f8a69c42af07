// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.model.event.Event;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints the demonstration's table; colours on a terminal, plain when piped. */
final class DemoTable {
    private static final int[] WIDTHS = {2, 46, 10, 34, 9, 19, 6, 22};

    private final PrintWriter out;
    private final boolean colour;

    DemoTable(PrintWriter out, boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    void head() {
        out.println();
        out.println(
                paint(
                        "1",
                        row(
                                "#",
                                "what was sent",
                                "for what",
                                "found",
                                "decision",
                                "rule",
                                "ms",
                                "bytes identical?")));
        out.println(
                paint(
                        "2",
                        "─"
                                .repeat(
                                        java.util.Arrays.stream(WIDTHS).sum()
                                                + 2 * (WIDTHS.length - 1))));
        out.flush();
    }

    /**
     * One exchange.
     *
     * @param event what the agent recorded, if anything
     * @param verdict what the stand-in's log says
     * @param held whether that is what was expected
     */
    void exchange(DemoExchange exchange, Optional<Event> event, String verdict, boolean held) {
        String decision = event.map(e -> e.action().id()).orElse("tunnel");
        String line =
                row(
                        Integer.toString(exchange.id()),
                        exchange.title(),
                        event.map(Event::intent)
                                .map(i -> i.equals("unknown") ? "–" : i)
                                .orElse("–"),
                        event.map(DemoTable::found).orElse("not looked at"),
                        decision,
                        event.map(Event::rule).orElse("–"),
                        event.map(e ->
                                        String.format(
                                                Locale.ROOT, "%.1f", e.latencyMicros() / 1000.0))
                                .orElse("–"),
                        verdict);
        String code =
                !held
                        ? "31;1"
                        : switch (decision) {
                            case "redact" -> "33";
                            case "block" -> "31";
                            case "tunnel" -> "2";
                            default ->
                                    event.filter(e -> !e.notInspected().isEmpty()).isPresent()
                                            ? "35"
                                            : "32";
                        };
        out.println(paint(code, line) + (held ? "" : paint("31;1", "  ← not as expected")));
        out.flush();
    }

    private static String found(Event event) {
        List<String> parts = new ArrayList<>();
        event.findings().entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .forEach(
                        e -> parts.add((e.getValue() > 1 ? e.getValue() + "× " : "") + e.getKey()));
        event.examples().forEach((type, _) -> parts.add(type + " (example)"));
        event.notInspected()
                .keySet()
                .forEach(reason -> parts.add("not inspected: " + reason.replace('_', ' ')));
        return parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    private static String row(String... cells) {
        return Stream.iterate(0, i -> i < cells.length, i -> i + 1)
                .map(i -> fit(cells[i], WIDTHS[i]))
                .collect(Collectors.joining("  "))
                .stripTrailing();
    }

    private static String fit(String text, int width) {
        return text.length() <= width
                ? text + " ".repeat(width - text.length())
                : text.substring(0, width - 1) + "…";
    }

    String paint(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
