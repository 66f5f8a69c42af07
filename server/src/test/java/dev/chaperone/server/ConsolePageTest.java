// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.event.Event;
import dev.chaperone.server.http.Secrets;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsolePageTest {
    private static final Path VENDOR =
            Path.of("src/main/resources/dev/chaperone/server/console/vendor");

    @TempDir Path folder;
    private TestServer server;
    private Browser browser;
    private final List<Event> events = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        browser = Browser.signedIn(server, server.server.adminLink().orElseThrow());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void people(int count, String service, Action action, Outcome outcome) {
        for (int i = 0; i < count; i++) {
            Map<String, Integer> found =
                    action == Action.ALLOW ? Map.of() : Map.of("CREDENTIAL.token", 1);
            events.add(
                    Events.event(
                            events.size() + 1,
                            new Events.Kind(
                                    "person-" + i,
                                    service,
                                    "app",
                                    found,
                                    action,
                                    outcome,
                                    Events.AT)));
        }
    }

    private void deliver() throws Exception {
        try (TestDevice device = server.enrol()) {
            assertThat(device.send(Events.batch(events)).statusCode()).isEqualTo(200);
        }
    }

    private String page(String address) throws Exception {
        HttpResponse<String> page = browser.get(address);
        assertThat(page.statusCode()).as(address).isEqualTo(200);
        return page.body();
    }

    private static String figure(String page, String id) {
        return one(page, "id=\"figure-" + id + "\">([^<]*)<");
    }

    private static String one(String page, String pattern) {
        Matcher m = Pattern.compile(pattern).matcher(page);
        assertThat(m.find()).as(pattern).isTrue();
        return m.group(1);
    }

    /** The cells of a table's body, row by row. */
    private static List<List<String>> rows(String page, String table) {
        String body = one(page, "(?s)id=\"" + table + "-table\">.*?<tbody>(.*?)</tbody>");
        List<List<String>> rows = new ArrayList<>();
        for (String row : body.split("</tr>", -1)) {
            List<String> cells = new ArrayList<>();
            Matcher m = Pattern.compile("data-value=\"([^\"]*)\"").matcher(row);
            while (m.find()) {
                cells.add(m.group(1));
            }
            if (!cells.isEmpty()) {
                rows.add(cells);
            }
        }
        return rows;
    }

    @Test
    void figuresAndRowsAreThoseOfTheReports() throws Exception {
        people(6, "one", Action.ALLOW, Outcome.SENT);
        people(5, "two", Action.REDACT, Outcome.SENT_REDACTED);
        people(7, "two", Action.BLOCK, Outcome.BLOCKED);
        people(5, "two", Action.WARN, Outcome.SENT);
        deliver();
        String page = page("/console?period=30d&by=service");
        assertThat(figure(page, "events")).isEqualTo("23");
        assertThat(figure(page, "people")).isEqualTo("7");
        assertThat(figure(page, "services")).isEqualTo("2");
        assertThat(figure(page, "redacted")).isEqualTo("5");
        assertThat(figure(page, "stopped")).isEqualTo("7");
        assertThat(figure(page, "completeness")).isEqualTo("100.0 %");
        assertThat(rows(page, "usage"))
                .containsExactly(
                        List.of("two", "17", "7", "17", "5", "5", "7", "0", "1700"),
                        List.of("one", "6", "6", "0", "6", "0", "0", "0", "600"));
        assertThat(rows(page, "leaks")).containsExactly(List.of("SENT", "a-rule", "5", "5"));
        assertThat(rows(page("/console?by=action"), "usage")).hasSize(4);
    }

    @Test
    void headingsSort() throws Exception {
        people(6, "one", Action.ALLOW, Outcome.SENT);
        people(8, "two", Action.ALLOW, Outcome.SENT);
        people(7, "Three", Action.ALLOW, Outcome.SENT);
        deliver();
        assertThat(firsts("/console")).containsExactly("two", "Three", "one");
        assertThat(firsts("/console?sort=events&order=up")).containsExactly("one", "Three", "two");
        assertThat(firsts("/console?sort=key&order=up")).containsExactly("one", "Three", "two");
        assertThat(firsts("/console?sort=key")).containsExactly("two", "Three", "one");
        assertThat(firsts("/console?sort=nonsense")).containsExactly("two", "Three", "one");
        assertThat(page("/console?sort=events&order=up"))
                .contains("data-column=\"events\" aria-sort=\"ascending\"")
                .contains("by=service&amp;sort=events&amp;order=down");
    }

    private List<String> firsts(String address) throws Exception {
        return rows(page(address), "usage").stream().map(List::getFirst).toList();
    }

    @Test
    void smallGroupsAreLeftOutInWords() throws Exception {
        people(9, "large", Action.ALLOW, Outcome.SENT);
        people(6, "middle", Action.ALLOW, Outcome.SENT);
        people(4, "small", Action.ALLOW, Outcome.SENT);
        deliver();
        String page = page("/console");
        assertThat(firsts("/console")).containsExactly("large");
        assertThat(page)
                .contains("2 rows are left out: fewer than 5 people, or needed to hide one that is")
                .doesNotContain("small")
                .doesNotContain("middle");
        assertThat(figure(page, "services")).isEqualTo("3");
    }

    @Test
    void totalThatWouldTellIsWithheldInTheFiguresToo() throws Exception {
        people(4, "small", Action.WARN, Outcome.SENT);
        deliver();
        String page = page("/console");
        assertThat(figure(page, "events")).isEqualTo("withheld");
        assertThat(figure(page, "people")).isEqualTo("withheld");
        assertThat(page).contains("The total is withheld too").doesNotContain("small");
    }

    /** Markup, a right-to-left override, a formula and a line feed in what devices call things. */
    @Test
    void namesOfDevicesAreInert() throws Exception {
        String hostile = "<img src=x onerror=alert(1)>\"'&\u202Egnp.exe\n=1+1";
        people(5, hostile, Action.ALLOW, Outcome.SENT);
        deliver();
        assertThat(page("/console"))
                .contains("<bdi>&lt;img src=x onerror=alert(1)&gt;\"'&amp;?gnp.exe?=1+1</bdi>")
                .contains(
                        "data-value=\"&lt;img src=x onerror=alert(1)>&#34;&#39;&amp;?gnp.exe?=1+1\"")
                .doesNotContain("<img src=x")
                .doesNotContain("\u202E");
    }

    @Test
    void whatIsTypedIsInert() throws Exception {
        HttpResponse<String> page =
                browser.get("/console?from=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&by=service");
        assertThat(page.statusCode()).isEqualTo(400);
        assertThat(page.body()).doesNotContain("<script>alert").contains("id=\"period-error\"");
    }

    @ParameterizedTest
    @CsvSource({
        "from=2026-11-20&to=2026-11-10, The last day is before the first.",
        "from=yesterday, Write days as year-month-day: 2026-11-25.",
        "to=2026-11-10, Give the first day too.",
        "from=2026-02-30, The calendar has no such day.",
        "from=2026-11-01&to=2026-11-31, The calendar has no such day.",
        "from=2027-01-01, The first day is still to come.",
    })
    void badPeriodIsOneLineAtItsFields(String asked, String line) throws Exception {
        HttpResponse<String> page = browser.get("/console?" + asked);
        assertThat(page.statusCode()).isEqualTo(400);
        assertThat(one(page.body(), "id=\"period-error\"[^>]*>([^<]*)<")).isEqualTo(line);
        assertThat(page.body()).contains("aria-invalid=\"true\"").doesNotContain("figure-events");
    }

    @Test
    void daysAreWholeAndInclusive() throws Exception {
        people(5, "one", Action.ALLOW, Outcome.SENT);
        deliver();
        assertThat(page("/console?from=2026-11-25&to=2026-11-25"))
                .contains("25 November 2026 · whole days, UTC");
        assertThat(firsts("/console?from=2026-11-25&to=2026-11-25")).containsExactly("one");
        server.clock.move(Duration.ofDays(3));
        String link = CommandResult.of("admin", "link", "--data-dir", folder.toString()).out();
        browser = Browser.signedIn(server, URI.create(link.strip()));
        assertThat(firsts("/console?from=2026-11-24&to=2026-11-25")).containsExactly("one");
        assertThat(firsts("/console?from=2026-11-25")).containsExactly("one");
        assertThat(page("/console?from=2026-11-24&to=2026-11-24")).contains("Nothing is recorded");
        assertThat(page("/console?from=2026-11-26")).contains("Nothing is recorded");
        assertThat(
                        server.json("/api/v1/reports/usage?since=2026-11-24&until=2026-11-25")
                                .at("/total/events")
                                .asInt())
                .isEqualTo(5);
        assertThat(
                        server.json("/api/v1/reports/usage?since=2026-11-24&until=2026-11-24")
                                .get("rows"))
                .isEmpty();
    }

    @Test
    void emptyServerSaysWhatToDo() throws Exception {
        assertThat(page("/console"))
                .contains("No device is enrolled yet.")
                .contains("chaperone admin token --uses 10 --group sales --data-dir " + folder)
                .contains("chaperone enroll TOKEN");
    }

    @Test
    void htmxGetsThePartThatChanges() throws Exception {
        HttpResponse<String> part = browser.get("/console?by=day", Map.of("HX-Request", "true"));
        assertThat(part.statusCode()).isEqualTo(200);
        assertThat(part.body().strip())
                .startsWith("<title>AI use by day")
                .doesNotContain("<html")
                .contains("id=\"report\"");
        assertThat(part.headers().firstValue("vary")).hasValue("HX-Request");
    }

    @Test
    void browserIsHeldToOurOwnOrigin() throws Exception {
        for (String path : List.of("/console", "/admin", "/console/assets/console.js")) {
            HttpResponse<String> answer = browser.get(path);
            assertThat(answer.headers().firstValue("content-security-policy"))
                    .as(path)
                    .hasValue(
                            "default-src 'none'; script-src 'self'; style-src 'self'; img-src"
                                    + " 'self' data:; connect-src 'self'; form-action 'self';"
                                    + " base-uri 'none'; frame-ancestors 'none'");
            assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
            assertThat(answer.headers().firstValue("referrer-policy")).hasValue("same-origin");
            assertThat(answer.headers().firstValue("cross-origin-opener-policy"))
                    .hasValue("same-origin");
            assertThat(answer.headers().firstValue("cross-origin-resource-policy"))
                    .hasValue("same-origin");
        }
        String page = page("/console");
        assertThat(page).doesNotContain(" style=").doesNotContain(" onclick=");
        assertThat(page).doesNotContainPattern("<script(?![^>]* src=\"/console/assets/)");
        assertThat(browser.get("/console").headers().firstValue("cache-control"))
                .hasValue("no-store");
    }

    @Test
    void assetsAreAClosedListAndKeptByTheBrowser() throws Exception {
        HttpResponse<String> script = browser.get("/console/assets/console.js");
        assertThat(script.headers().firstValue("content-type"))
                .hasValue("text/javascript; charset=utf-8");
        String etag = script.headers().firstValue("etag").orElseThrow();
        assertThat(
                        browser.get("/console/assets/console.js", Map.of("if-none-match", etag))
                                .statusCode())
                .isEqualTo(304);
        assertThat(
                        browser.get("/console/assets/htmx-2.0.11.min.js")
                                .headers()
                                .firstValue("cache-control"))
                .hasValueSatisfying(kept -> assertThat(kept).contains("immutable"));
        for (String none : List.of("README.md", "vendor", "..%2Flogback.xml", "%2e%2e")) {
            assertThat(browser.get("/console/assets/" + none).statusCode())
                    .as(none)
                    .isGreaterThanOrEqualTo(400);
        }
    }

    @Test
    void vendoredScriptsAreThoseOfTheTable() throws Exception {
        String table = Files.readString(VENDOR.resolve("README.md"));
        for (String name : List.of("echarts-6.1.0.common.min.js", "htmx-2.0.11.min.js")) {
            byte[] script = Files.readAllBytes(VENDOR.resolve(name));
            assertThat(table)
                    .contains(name)
                    .contains(HexFormat.of().formatHex(Secrets.sha256().digest(script)));
        }
    }
}
