// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import dev.chaperone.server.console.ConsoleView.Choice;
import dev.chaperone.server.console.ConsoleView.Empty;
import dev.chaperone.server.console.ConsoleView.Figure;
import dev.chaperone.server.console.ConsoleView.Share;
import dev.chaperone.server.console.ConsoleView.Step;
import dev.chaperone.server.report.Completeness;
import dev.chaperone.server.report.Period;
import dev.chaperone.server.report.Report;
import dev.chaperone.server.report.Reports;
import dev.chaperone.server.report.Row;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns reports into what the template shows. */
final class ConsolePage {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH);
    private static final Map<String, String> PERIODS =
            Map.of("7d", "7 days", "30d", "30 days", "90d", "90 days");
    private static final Map<String, String> BREAKDOWNS =
            Map.of(
                    "service", "Service",
                    "application", "Application",
                    "group", "Group",
                    "intent", "Intent",
                    "data-type", "Data type",
                    "action", "Action",
                    "day", "Day");

    private final ConsoleQuery query;
    private final String dataDir;

    /**
     * @param dataDir the server's data folder, for commands to copy
     */
    ConsolePage(ConsoleQuery query, String dataDir) {
        this.query = query;
        this.dataDir = dataDir;
    }

    static String label(String by) {
        return BREAKDOWNS.getOrDefault(by, by);
    }

    /** Without figures: the period makes no sense. */
    ConsoleView wrong(String error, Instant now) {
        return view("", now, error, null, List.of(), null, null, null);
    }

    /**
     * The whole page.
     *
     * @param usage split as asked
     * @param services usage by service
     */
    ConsoleView view(Report usage, Report services, Report leaks, Instant now) {
        return view(
                covers(usage.period()),
                now,
                null,
                empty(usage, now),
                figures(usage, services),
                share(usage.completeness()),
                UsageTable.usage(usage, query),
                UsageTable.leaks(leaks, query));
    }

    private ConsoleView view(
            String covers,
            Instant now,
            @Nullable String error,
            @Nullable Empty empty,
            List<Figure> figures,
            @Nullable Share share,
            ConsoleView.@Nullable Table usage,
            ConsoleView.@Nullable Table leaks) {
        return new ConsoleView(
                "AI use by " + label(query.by()).toLowerCase(Locale.ROOT) + " · Chaperone",
                covers,
                ConsoleQuery.DAYS.stream()
                        .map(d ->
                                new Choice(
                                        "period-" + d,
                                        PERIODS.getOrDefault(d, d),
                                        query.withDays(d).href(),
                                        d.equals(query.days())))
                        .toList(),
                Reports.DIMENSIONS.stream()
                        .map(by ->
                                new Choice(
                                        "by-" + by,
                                        label(by),
                                        query.withBy(by).href(),
                                        by.equals(query.by())))
                        .toList(),
                query.from(),
                query.to(),
                query.by(),
                day(now).toString(),
                error,
                empty,
                figures,
                share,
                usage,
                leaks);
    }

    private static LocalDate day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate();
    }

    private static String covers(Period period) {
        LocalDate first = day(period.since());
        LocalDate last = day(period.until().minusNanos(1));
        return first.equals(last)
                ? DAY.format(first)
                : DAY.format(first) + " to " + DAY.format(last);
    }

    private @Nullable Empty empty(Report usage, Instant now) {
        if (!usage.rows().isEmpty() || usage.suppressed() > 0) {
            return null;
        }
        if (usage.completeness().devices() == 0 && usage.period().until().equals(now)) {
            return new Empty(
                    "No device is enrolled yet.",
                    List.of(
                            new Step(
                                    "Make an enrolment token on this server, for example for ten"
                                            + " devices of one group:",
                                    "chaperone admin token --uses 10 --group sales --data-dir "
                                            + dataDir),
                            new Step(
                                    "Enrol each device with it, then start the agent:",
                                    "chaperone enroll TOKEN"),
                            new Step(
                                    "Figures appear here as soon as people use an AI service on an"
                                            + " enrolled device.",
                                    "")));
        }
        return new Empty(
                "Nothing is recorded for this choice.",
                List.of(
                        new Step(
                                "Choose a longer period or another breakdown. Devices that are"
                                        + " enrolled, and when they were last heard from:",
                                "chaperone admin devices --data-dir " + dataDir)));
    }

    private static List<Figure> figures(Report usage, Report services) {
        Row total = usage.total();
        int seen = services.rows().size() + services.suppressed();
        List<Figure> figures = new ArrayList<>();
        if (total != null) {
            String found = UsageTable.number(total.found()) + " with a finding";
            figures.add(figure("events", "Requests", total.events(), found));
            figures.add(figure("people", "People", total.people(), "pseudonyms, never names"));
            figures.add(figure("services", "AI services", seen, "used at least once"));
            figures.add(figure("redacted", "Redacted", total.redacted(), "sent without findings"));
            figures.add(figure("stopped", "Stopped", total.stopped(), "did not leave the device"));
        } else {
            boolean withheld = !usage.rows().isEmpty() || usage.suppressed() > 0;
            String value = withheld ? "withheld" : "0";
            String note = withheld ? "would single people out" : "in this period";
            figures.add(new Figure("events", "Requests", value, note));
            figures.add(new Figure("people", "People", value, note));
            figures.add(figure("services", "AI services", seen, "used at least once"));
            figures.add(new Figure("redacted", "Redacted", value, note));
            figures.add(new Figure("stopped", "Stopped", value, note));
        }
        return figures;
    }

    private static Figure figure(String id, String label, long value, String note) {
        return new Figure(id, label, UsageTable.number(value), note);
    }

    private static Share share(Completeness c) {
        long unseen = c.notInspected().values().stream().mapToLong(Long::longValue).sum();
        String why =
                c.notInspected().entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .map(e -> e.getKey() + " " + UsageTable.number(e.getValue()))
                        .collect(Collectors.joining(", "));
        return new Share(
                c.percent() == null ? "unknown" : "%.1f %%".formatted(c.percent()),
                List.of(
                        c.devices() == 0
                                ? "no device was enrolled"
                                : "%d of %s silent for over 24 h"
                                        .formatted(c.devicesSilent(), count(c.devices(), "device")),
                        count(c.lost(), "event") + " lost",
                        count(unseen, "exchange")
                                + " not inspected"
                                + (why.isEmpty() ? "" : " (" + why + ")")));
    }

    private static String count(long n, String what) {
        return UsageTable.number(n) + " " + what + (n == 1 ? "" : "s");
    }
}
