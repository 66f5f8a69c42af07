// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import dev.chaperone.server.admin.AdminKeys;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Replies;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;

/** {@code GET /api/v1/reports/…} on the console listener; each read is recorded first. */
public final class ReportRoutes {
    private final Reports reports;
    private final AdminKeys admins;
    private final Audit audit;
    private final InstantSource clock;

    public ReportRoutes(Reports reports, AdminKeys admins, Audit audit, InstantSource clock) {
        this.reports = reports;
        this.admins = admins;
        this.audit = audit;
        this.clock = clock;
    }

    public void console(HttpRouting.Builder routing) {
        routing.get("/api/v1/reports/usage", this::usage);
        routing.get("/api/v1/reports/leaks", this::leaks);
    }

    private void usage(ServerRequest request, ServerResponse response) throws InterruptedException {
        String actor = admins.requireReader(request);
        String by = request.query().first("by").orElse("service");
        if (!Reports.DIMENSIONS.contains(by)) {
            throw Problem.badRequest("by is one of " + String.join(", ", Reports.DIMENSIONS));
        }
        Period period = period(request);
        audit.record(actor, action(request), usageTarget(by, period));
        answer(request, response, reports.usage(by, period));
    }

    private void leaks(ServerRequest request, ServerResponse response) throws InterruptedException {
        String actor = admins.requireReader(request);
        Period period = period(request);
        audit.record(actor, action(request), leaksTarget(period));
        answer(request, response, reports.leaks(period));
    }

    private static String action(ServerRequest request) {
        return csv(request) ? "export report" : "read report";
    }

    /** What the audit log says was read. */
    public static String usageTarget(String by, Period period) {
        return "usage by " + by + " " + period.since() + " to " + period.until();
    }

    /** What the audit log says was read. */
    public static String leaksTarget(Period period) {
        return "leaks " + period.since() + " to " + period.until();
    }

    private Period period(ServerRequest request) {
        Optional<String> until = request.query().first("until").asOptional();
        try {
            return Period.parse(
                    request.query().first("since").orElse("30d"), until, clock.instant());
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(String.valueOf(e.getMessage()));
        }
    }

    private static boolean csv(ServerRequest request) {
        return switch (request.query().first("format").orElse("json")) {
            case "csv" -> true;
            case "json" -> false;
            default -> throw Problem.badRequest("format is json or csv");
        };
    }

    private static void answer(ServerRequest request, ServerResponse response, Report report) {
        if (csv(request)) {
            Replies.send(
                    response,
                    200,
                    "text/csv; charset=utf-8; header=present",
                    report.csv().getBytes(StandardCharsets.UTF_8));
        } else {
            Replies.json(response, 200, report.json());
        }
    }
}
