// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.ScreenshotCaret;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The console as people see it. */
class ConsoleProof extends InChromium {
    @Test
    void linkSignsInOnceAndSignOutEndsIt() {
        String link = link().toString();
        page.navigate(link);
        page.click("#sign-in");
        page.waitForURL(url -> url.endsWith("/console"));
        assertThat(page.locator("h1").textContent()).isEqualTo("Use of AI services");
        assertThat(page.evaluate("document.cookie")).as("out of scripts' reach").isEqualTo("");
        assertThat(page.context().cookies())
                .singleElement()
                .satisfies(cookie -> {
                    assertThat(cookie.name).isEqualTo("__Host-chaperone");
                    assertThat(cookie.httpOnly).isTrue();
                    assertThat(cookie.secure).isTrue();
                    assertThat(cookie.sameSite.name()).isEqualTo("STRICT");
                });
        page.click("text=Sign out");
        assertThat(page.locator("h1").textContent()).isEqualTo("You are signed out");
        assertThat(page.context().cookies()).isEmpty();
        page.navigate(link);
        page.click("#sign-in");
        page.waitForSelector("text=CHP-SRV-031");
        assertThat(page.locator("code").textContent()).isEqualTo("chaperone admin link");
        assertThat(complaints).as("the 401 itself").hasSize(1).first().asString().contains("401");
        complaints.clear();
    }

    @Test
    void numbersAreThoseOfRestAndCommandLine() throws Exception {
        signIn();
        for (String by : List.of("service", "application", "group", "data-type", "day")) {
            go("/console?period=30d&by=" + by);
            JsonNode rest = server.json("/api/v1/reports/usage?since=30d&by=" + by);
            List<List<String>> expected = new ArrayList<>();
            rest.get("rows")
                    .forEach(r -> {
                        long events = r.get("events").asLong();
                        long out = r.get("redacted").asLong() + r.get("stopped").asLong();
                        expected.add(
                                List.of(
                                        r.get(by).asString().replaceAll("[\\p{Cc}\\p{Cf}]", "?"),
                                        r.get("events").asString(),
                                        r.get("people").asString(),
                                        r.get("found").asString(),
                                        Long.toString(events - out),
                                        r.get("redacted").asString(),
                                        r.get("stopped").asString(),
                                        r.get("repeats").asString(),
                                        r.get("bytes").asString()));
                    });
            assertThat(expected).as(by).hasSizeGreaterThan(1);
            assertThat(table("usage-table")).as(by).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(number(page.textContent("#figure-events")))
                    .isEqualTo(rest.at("/total/events").asLong());
            assertThat(number(page.textContent("#figure-people")))
                    .isEqualTo(rest.at("/total/people").asLong());
            assertThat(page.textContent("#figure-completeness"))
                    .isEqualTo("%.1f %%".formatted(rest.at("/completeness/percent").asDouble()));
            Download download = page.waitForDownload(() -> page.click("#usage-csv"));
            assertThat(download.suggestedFilename()).isEqualTo("chaperone-usage-by-%s.csv", by);
            String csv = Files.readString(download.path());
            assertThat(csv)
                    .isEqualTo(
                            CommandResult.of(
                                            "report",
                                            "usage",
                                            "--by",
                                            by,
                                            "--since",
                                            "30d",
                                            "--format",
                                            "csv",
                                            "--data-dir",
                                            folder.resolve("data").toString())
                                    .out());
            assertThat(csv.lines().count()).isEqualTo(expected.size() + 1);
        }
        JsonNode leaks = server.json("/api/v1/reports/leaks?since=30d");
        List<List<String>> rows = new ArrayList<>();
        leaks.get("rows")
                .forEach(r ->
                        rows.add(
                                List.of(
                                        r.get("outcome").asString(),
                                        r.get("rule").asString(),
                                        r.get("events").asString(),
                                        r.get("people").asString())));
        assertThat(table("leaks-table")).isNotEmpty().isEqualTo(rows);
    }

    @Test
    void clickChangesTheBreakdownAndBackComesBack() {
        signIn();
        drawn();
        page.evaluate("window.same = true");
        page.click("#by-intent");
        page.waitForURL(url -> url.contains("by=intent"));
        page.waitForSelector("#by-intent[aria-current]");
        assertThat(page.evaluate("window.same")).as("the page was not loaded anew").isEqualTo(true);
        assertThat(page.title()).isEqualTo("AI use by intent · Chaperone");
        assertThat(page.textContent("#said")).contains("by intent");
        page.click("#period-7d");
        page.waitForSelector("#period-7d[aria-current]");
        assertThat(page.url()).contains("period=7d").contains("by=intent");
        page.click("#usage-sort-people");
        page.waitForSelector("th[data-column=people][aria-sort=descending]");
        page.goBack();
        page.waitForSelector("th[data-column=events][aria-sort=descending]");
        page.fill("#from", "2026-11-20");
        page.fill("#to", "2026-11-10");
        page.click("#show");
        page.waitForSelector("#period-error");
        assertThat(page.textContent("#period-error")).isEqualTo("The last day is before the first.");
        assertThat(complaints).as("the 400 itself").allMatch(c -> c.contains("400"));
        complaints.clear();
        page.fill("#from", "2026-11-10");
        page.fill("#to", "2026-11-20");
        page.click("#show");
        page.waitForSelector("text=10 November 2026 to 20 November 2026");
        assertThat(
                        list(
                                "[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"))
                .as("nothing of a report is kept in the browser, the address is")
                .isEqualTo(List.of("htmx-current-path-for-history"));
    }

    @Test
    void chartDrawsTheTable() {
        signIn();
        for (String by : List.of("service", "intent", "day")) {
            go("/console?period=30d&by=" + by);
            List<Object> drawn =
                    list(
                            "(() => { const o = echarts.getInstanceByDom(document.querySelector('#usage-chart')).getOption();"
                                    + " const names = (o.xAxis[0].type === 'category' ? o.xAxis : o.yAxis)[0].data;"
                                    + " return names.map((n, i) => [n, ...o.series.map(s => String(s.data[i]))])"
                                    + ".filter(r => r[1] !== 'null'); })()");
            List<List<String>> twin =
                    table("usage-table").stream()
                            .map(r -> List.of(r.get(0), r.get(4), r.get(5), r.get(6)))
                            .toList();
            assertThat(drawn).as(by).isNotEmpty().isEqualTo(twin);
            assertThat(
                            page.evaluate(
                                    "(() => { const c = document.querySelector('#usage-chart canvas');"
                                            + " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                                            + " return new Set(new Uint32Array(d.buffer)).size; })()"))
                    .as("colours on the canvas")
                    .isInstanceOfSatisfying(
                            Number.class, n -> assertThat(n.intValue()).isGreaterThan(20));
        }
        page.hover("#usage-chart", new Page.HoverOptions().setPosition(600, 150));
    }

    /** From the address bar: skip link, period, breakdown, sort, download, with the focus visible. */
    @Test
    void keyboardIsEnough() {
        signIn();
        drawn();
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            page.keyboard().press("Tab");
            String id =
                    String.valueOf(
                            page.evaluate(
                                    "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"));
            seen.add(id);
            assertThat(
                            page.evaluate(
                                    "getComputedStyle(document.activeElement).outlineStyle !== 'none'"))
                    .as("focus ring on %s", id)
                    .isEqualTo(true);
            if (id.equals("by-group")) {
                break;
            }
        }
        assertThat(seen).startsWith("skip").contains("period-7d", "from", "to", "show");
        page.keyboard().press("Enter");
        page.waitForSelector("#by-group[aria-current]");
        assertThat(page.evaluate("document.activeElement.id"))
                .as("the keyboard's place survives")
                .isEqualTo("by-group");
        page.focus("#usage-sort-key");
        page.keyboard().press("Enter");
        page.waitForSelector("th[data-column=key][aria-sort]");
        page.focus("#usage-csv");
        Download csv = page.waitForDownload(() -> page.keyboard().press("Enter"));
        assertThat(csv.suggestedFilename()).isEqualTo("chaperone-usage-by-group.csv");
    }

    @Test
    void hostileNamesAreInert() throws Exception {
        String name = "<img src=x onerror=alert(1)>{a|b}\u202Egnp.exe";
        try (TestServer _ = other("hostile", name)) {
            drawn();
            assertThat(page.locator("#usage-table tbody").textContent())
                    .contains("<img src=x onerror=alert(1)>{a|b}?gnp.exe");
            page.hover("#usage-chart", new Page.HoverOptions().setPosition(600, 60));
            assertThat(page.locator("#report img").count()).isZero();
        }
    }

    /** The check after each test would see one. */
    @Test
    void requestToAnotherOriginIsSeen() {
        assertThatThrownBy(() -> page.navigate("https://elsewhere.example/"))
                .isInstanceOf(PlaywrightException.class);
        assertThat(elsewhere).containsExactly("https://elsewhere.example/");
        elsewhere.clear();
        complaints.clear();
    }

    @Test
    void pageWorksWithoutScripts() {
        window(1280, 900, ColorScheme.LIGHT, false);
        signIn();
        page.click("#by-group");
        assertThat(page.url()).contains("by=group");
        assertThat(page.locator("#usage-table tbody tr").count()).isEqualTo(3);
        page.fill("#from", "2026-11-10");
        page.click("#show");
        assertThat(page.url()).contains("from=2026-11-10").contains("by=group");
        page.click("#period-7d");
        assertThat(page.url()).contains("period=7d");
    }

    @Test
    void looksRightInLightDarkAndSmall() throws Exception {
        window(1180, 1330, ColorScheme.LIGHT, true);
        signIn();
        drawn();
        noSidewaysScroll();
        shot("console-light.png", false);
        go("/console?period=30d&by=day");
        shot("console-day.png", true);
        window(1180, 900, ColorScheme.DARK, true);
        signIn();
        go("/console?period=30d&by=data-type");
        shot("console-dark-type.png", true);
        go("/console?period=30d&by=day");
        shot("console-dark.png", false);
        window(360, 780, ColorScheme.LIGHT, true);
        page.navigate(link().toString());
        shot("console-signin.png", false);
        page.click("#sign-in");
        drawn();
        noSidewaysScroll();
        shot("console-360.png", true);
        page.navigate(
                server.server
                        .console()
                        .resolve("/console?from=2026-11-25&to=2026-11-01")
                        .toString());
        noSidewaysScroll();
        shot("console-error.png", true);
        complaints.removeIf(c -> c.contains("400"));
    }

    @Test
    void emptyServerShowsTheNextStep() throws Exception {
        try (TestServer _ = other("empty", null)) {
            page.waitForSelector("text=No device is enrolled yet.");
            assertThat(page.locator("code").first().textContent())
                    .startsWith("chaperone admin token");
            shot("console-empty.png", true);
        }
    }

    @Test
    void printedPageHoldsTheNumbers() {
        signIn();
        drawn();
        byte[] pdf = page.pdf();
        assertThat(new String(pdf, 0, 5, StandardCharsets.ISO_8859_1)).isEqualTo("%PDF-");
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(com.microsoft.playwright.options.Media.PRINT));
        assertThat(page.locator("#usage-table").isVisible()).isTrue();
        assertThat(page.locator("#show").isVisible()).isFalse();
    }
}
