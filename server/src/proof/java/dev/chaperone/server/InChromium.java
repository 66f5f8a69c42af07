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

/**
 * A real server, a made-up company in it, and Chromium in front, which trusts the server's CA and no
 * other. After each test: nothing was asked of another origin, and the browser reported neither a
 * breach of the content security policy nor any other error.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class InChromium {
    private static final Path SHOTS = Path.of("target/console");
    private static final String CHROMIUM =
            System.getProperty("chaperone.chromium", "/usr/bin/chromium");

    Path folder;
    TestServer server;
    private Playwright playwright;
    private Browser chromium;
    private @Nullable BrowserContext current;
    Page page;
    final List<String> elsewhere = Collections.synchronizedList(new ArrayList<>());
    final List<String> complaints = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    void open(@TempDir Path temporary) throws Exception {
        folder = temporary;
        Files.createDirectories(SHOTS);
        server = TestServer.start(folder.resolve("data"));
        Company.deliver(server);
        playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        chromium =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(Path.of(CHROMIUM))
                                        .setArgs(
                                                List.of(
                                                        "--no-sandbox",
                                                        "--ignore-certificate-errors-spki-list="
                                                                + spki())));
    }

    /** SHA-256 of our CA's key, as Chromium wants it: a chain to it is trusted, and no other. */
    String spki() throws Exception {
        X509Certificate ca =
                ServerFolder.certificate(
                        ServerFolder.existing(folder.resolve("data")).caFile());
        byte[] digest =
                dev.chaperone.server.http.Secrets.sha256()
                        .digest(ca.getPublicKey().getEncoded());
        return Base64.getEncoder().encodeToString(digest);
    }

    @AfterAll
    void close() {
        chromium.close();
        playwright.close();
        server.close();
    }

    @BeforeEach
    void window() {
        window(1280, 900, ColorScheme.LIGHT, true);
    }

    final void window(int width, int height, ColorScheme scheme, boolean scripts) {
        if (current != null) {
            current.close();
        }
        BrowserContext context =
                chromium.newContext(
                        new Browser.NewContextOptions()
                                .setViewportSize(width, height)
                                .setColorScheme(scheme)
                                .setReducedMotion(ReducedMotion.REDUCE)
                                .setJavaScriptEnabled(scripts)
                                .setAcceptDownloads(true));
        context.setDefaultTimeout(15_000);
        complaints.clear();
        elsewhere.clear();
        String ours = server.server.console().toString();
        context.route(
                url -> !url.startsWith(ours + "/"),
                route -> {
                    elsewhere.add(route.request().url());
                    route.abort();
                });
        current = context;
        page = context.newPage();
        page.onConsoleMessage(m -> {
            if (!m.type().equals("log") && !m.type().equals("info")) {
                complaints.add(m.type() + ": " + m.text());
            }
        });
        page.onPageError(error -> complaints.add("script: " + error));
    }

    @AfterEach
    void nothingElsewhereAndNoComplaint() {
        page.context().close();
        current = null;
        assertThat(elsewhere).as("requests to other origins").isEmpty();
        assertThat(complaints).as("what the browser complained of").isEmpty();
    }

    URI link() {
        return URI.create(
                CommandResult.of(
                                "admin",
                                "link",
                                "--data-dir",
                                folder.resolve("data").toString())
                        .out()
                        .strip());
    }

    void signIn() {
        page.navigate(link().toString());
        page.click("#sign-in");
        page.waitForURL(url -> url.contains("/console"));
    }

    /** Waits for the chart, which is drawn last. */
    void go(String path) {
        page.navigate(server.server.console().resolve(path).toString());
        drawn();
    }

    void drawn() {
        page.waitForSelector("#usage-chart canvas");
    }

    @SuppressWarnings("unchecked") // what the script returns
    List<Object> list(String script) {
        return (List<Object>) page.evaluate(script);
    }

    List<List<String>> table(String id) {
        List<List<String>> rows = new ArrayList<>();
        for (Locator row : page.locator("#" + id + " tbody tr").all()) {
            rows.add(
                    row.locator("[data-value]").all().stream()
                            .map(cell -> cell.getAttribute("data-value"))
                            .toList());
        }
        return rows;
    }

    static long number(String text) {
        return Long.parseLong(text.replace(",", ""));
    }

    /** Another server, signed in to; its CA is another too. */
    TestServer other(String name, @Nullable String service) throws Exception {
        TestServer other = TestServer.start(folder.resolve(name));
        if (service != null) {
            try (TestDevice device = other.enrol()) {
                List<dev.chaperone.model.event.Event> events = new ArrayList<>();
                for (int i = 1; i <= 5; i++) {
                    events.add(
                            Events.event(
                                    i,
                                    new Events.Kind(
                                            "p" + i,
                                            service,
                                            "app",
                                            Map.of(),
                                            Action.ALLOW,
                                            Outcome.SENT,
                                            Events.AT)));
                }
                assertThat(device.send(Events.batch(events)).statusCode()).isEqualTo(200);
            }
        }
        page.context().close();
        current =
                chromium.newContext(
                        new Browser.NewContextOptions()
                                .setIgnoreHTTPSErrors(true)
                                .setViewportSize(1280, 900));
        page = current.newPage();
        page.onConsoleMessage(m -> complaints.add(m.type() + ": " + m.text()));
        page.onDialog(dialog -> {
            complaints.add("a dialog was opened");
            dialog.dismiss();
        });
        page.navigate(other.server.adminLink().orElseThrow().toString());
        page.click("#sign-in");
        return other;
    }

    /** A picture, and what axe-core says of it. */
    void shot(String name, boolean whole) throws IOException {
        page.mouse().move(0, 0);
        int before = complaints.size();
        byte[] png =
                page.screenshot(
                        new Page.ScreenshotOptions()
                                .setPath(SHOTS.resolve(name))
                                .setCaret(ScreenshotCaret.INITIAL) // hidden by an inline style
                                .setFullPage(whole));
        assertThat(complaints).as("complaints before axe-core").hasSize(before);
        assertThat(png.length).isGreaterThan(10_000);
        assertThat(axe()).as("axe-core on %s", name).isEmpty();
        // axe-core itself tries inline styles, which our policy refuses.
        complaints.subList(before, complaints.size()).clear();
    }

    /** What axe-core finds, WCAG 2.2 AA and best practices. */
    List<Object> axe() throws IOException {
        try (InputStream in =
                InChromium.class.getResourceAsStream(
                        "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js")) {
            assertThat(in).isNotNull();
            page.evaluate(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        return list(
                "axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join('; ')))");
    }

    void noSidewaysScroll() {
        assertThat(
                        page.evaluate(
                                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                .as("no sideways scrolling of the page")
                .isEqualTo(true);
    }
}
