// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import dev.chaperone.server.admin.AdminKeys;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.http.Bodies;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.report.Period;
import dev.chaperone.server.report.Report;
import dev.chaperone.server.report.ReportRoutes;
import dev.chaperone.server.report.Reports;
import dev.chaperone.server.store.StorageException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The console's pages. An admin link shows a button; pressing it changes the link into a session of
 * the browser, so that a program that only looks at the link does not use it up.
 */
public final class ConsoleRoutes {
    private static final HeaderName HTMX = HeaderNames.create("HX-Request");
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{20,100}");
    private static final Pattern SIGN_IN = Pattern.compile("link=(" + SECRET.pattern() + ")");
    private static final int MAX_FORM = 1024;
    private static final String COOKIE_TERMS = "; Path=/; Secure; HttpOnly; SameSite=Strict";

    private final Reports reports;
    private final AdminKeys admins;
    private final Audit audit;
    private final InstantSource clock;
    private final String dataDir;

    /**
     * @param dataDir the server's data folder, for commands to copy
     */
    public ConsoleRoutes(
            Reports reports, AdminKeys admins, Audit audit, InstantSource clock, String dataDir) {
        this.reports = reports;
        this.admins = admins;
        this.audit = audit;
        this.clock = clock;
        this.dataDir = dataDir;
    }

    public void console(HttpRouting.Builder routing) {
        routing.get("/", (_, response) -> redirect(response, "/console"));
        routing.get("/console", page(this::report));
        routing.get("/admin", page(this::askToSignIn));
        routing.post("/admin", page(this::signIn));
        routing.post("/console/sign-out", page(this::signOut));
        routing.get("/console/assets/{name}", Assets::send);
    }

    /** What goes wrong is a page too. */
    private Handler page(Handler handler) {
        return (request, response) -> {
            try {
                handler.handle(request, response);
            } catch (Problem e) {
                message(request, response, e);
            } catch (StorageException e) {
                message(
                        request,
                        response,
                        new Problem(503, "CHP-SRV-004", "The database does not answer."));
            }
        };
    }

    private void report(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        Optional<String> actor = admins.browser(request);
        if (actor.isEmpty()) {
            throw new Problem(401, "CHP-SRV-030", "Sign in to see this page.");
        }
        ConsoleQuery query = ConsoleQuery.of(request.query());
        ConsolePage page = new ConsolePage(query, dataDir);
        Instant now = clock.instant();
        Period period;
        try {
            period = query.period(now);
        } catch (IllegalArgumentException e) {
            show(request, response, 400, page.wrong(String.valueOf(e.getMessage()), now));
            return;
        }
        audit.record(actor.get(), "read report", ReportRoutes.usageTarget(query.by(), period));
        audit.record(actor.get(), "read report", ReportRoutes.leaksTarget(period));
        Report usage = reports.usage(query.by(), period);
        Report services = query.by().equals("service") ? usage : reports.usage("service", period);
        show(request, response, 200, page.view(usage, services, reports.leaks(period), now));
    }

    /** A whole page; for htmx the part that changes. */
    private static void show(
            ServerRequest request, ServerResponse response, int status, ConsoleView view) {
        String template = request.headers().contains(HTMX) ? "partial.jte" : "console.jte";
        Templates.send(response, status, template, Map.of("view", view));
    }

    private void askToSignIn(ServerRequest request, ServerResponse response) {
        String secret = request.query().first("link").orElse("");
        if (!SECRET.matcher(secret).matches()) {
            throw new Problem(
                    401, "CHP-SRV-031", "This is no admin link, or a part of it is missing.");
        }
        Templates.send(response, 200, "signin.jte", Map.of("secret", secret));
    }

    private void signIn(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        requireOurForm(request);
        Matcher form =
                SIGN_IN.matcher(
                        new String(Bodies.read(request, MAX_FORM), StandardCharsets.ISO_8859_1));
        if (!form.matches()) {
            throw Problem.badRequest("The form holds no link.");
        }
        AdminKeys.Session session = admins.open(form.group(1));
        audit.record("link", "change session", "opened " + session.actor());
        cookie(response, session.token(), AdminKeys.SESSION_LIFE.toSeconds());
        redirect(response, "/console");
    }

    private void signOut(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        requireOurForm(request);
        Optional<String> actor = admins.browser(request);
        if (actor.isPresent()) {
            audit.record(actor.get(), "change session", "ended");
            admins.close(request);
        }
        cookie(response, "", 0);
        Templates.send(
                response,
                200,
                "message.jte",
                Map.of("head", "You are signed out", "text", "", "code", ""));
    }

    private static void cookie(ServerResponse response, String value, long seconds) {
        response.header(
                HeaderNames.SET_COOKIE,
                AdminKeys.COOKIE + "=" + value + COOKIE_TERMS + "; Max-Age=" + seconds);
    }

    private static void redirect(ServerResponse response, String path) {
        PageHeaders.add(response);
        response.status(303)
                .header(HeaderNames.LOCATION, path)
                .header(HeaderNames.CACHE_CONTROL, "no-store");
        response.send();
    }

    /** Browsers name the origin of every form they post (Fetch §3.1); ours names this one. */
    private static void requireOurForm(ServerRequest request) {
        String origin = request.headers().first(HeaderNames.ORIGIN).orElse("");
        if (!origin.equalsIgnoreCase("https://" + request.authority())) {
            throw new Problem(403, "CHP-SRV-032", "The form was not sent from this page.");
        }
    }

    /** With the form's update of a page that is signed out, the browser loads the whole. */
    private static void message(ServerRequest request, ServerResponse response, Problem problem) {
        if (request.headers().contains(HTMX) && problem.status() == 401) {
            response.header("HX-Refresh", "true");
        }
        String head =
                switch (problem.status()) {
                    case 401 -> "You are not signed in";
                    case 503 -> "Come back in a moment";
                    default -> "That did not work";
                };
        Templates.send(
                response,
                problem.status(),
                "message.jte",
                Map.of("head", head, "text", problem.detail(), "code", problem.code()));
    }
}
