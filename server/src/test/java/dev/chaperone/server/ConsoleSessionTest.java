// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleSessionTest {
    @TempDir Path folder;
    private TestServer server;
    private URI link;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        link = server.server.adminLink().orElseThrow();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void linkIsOnlyUsedUpByItsButton() throws Exception {
        Browser browser = new Browser(server);
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> asked = browser.get(link.getPath() + "?" + link.getQuery());
            assertThat(asked.statusCode()).isEqualTo(200);
            assertThat(asked.headers().firstValue("set-cookie")).isEmpty();
        }
        HttpResponse<String> in = browser.signIn(Browser.secret(link), browser.origin());
        assertThat(in.statusCode()).isEqualTo(303);
        assertThat(in.headers().firstValue("location")).hasValue("/console");
        assertThat(in.headers().firstValue("set-cookie"))
                .hasValueSatisfying(cookie ->
                        assertThat(cookie)
                                .matches(
                                        "__Host-chaperone=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly;"
                                                + " SameSite=Strict; Max-Age=28800")
                                .doesNotContain(Browser.secret(link)));
        HttpResponse<String> again =
                new Browser(server).signIn(Browser.secret(link), browser.origin());
        assertThat(again.statusCode()).isEqualTo(401);
        assertThat(again.body()).contains("CHP-SRV-031").contains("chaperone admin link");
        assertThat(again.headers().firstValue("set-cookie")).isEmpty();
    }

    @Test
    void linkServesFifteenMinutes() throws Exception {
        server.clock.move(Duration.ofMinutes(16));
        Browser browser = new Browser(server);
        assertThat(browser.signIn(Browser.secret(link), browser.origin()).statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "https://evil.example", "http://127.0.0.1"})
    void formOfAnotherOriginIsRefused(String origin) throws Exception {
        HttpResponse<String> answer = new Browser(server).signIn(Browser.secret(link), origin);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("CHP-SRV-032");
        Browser browser = Browser.signedIn(server, link);
        assertThat(browser.post("/console/sign-out", "", origin).statusCode()).isEqualTo(403);
        assertThat(browser.get("/console").statusCode()).isEqualTo(200);
    }

    @Test
    void withoutASessionThePageSaysHowToGetALink() throws Exception {
        Browser nobody = new Browser(server);
        for (String path : List.of("/console", "/admin", "/admin?link=x")) {
            HttpResponse<String> page = nobody.get(path);
            assertThat(page.statusCode()).as(path).isEqualTo(401);
            assertThat(page.body()).contains("chaperone admin link").doesNotContain("figure-");
        }
        assertThat(nobody.get("/").headers().firstValue("location")).hasValue("/console");
        HttpResponse<String> update =
                nobody.get("/console", java.util.Map.of("HX-Request", "true"));
        assertThat(update.headers().firstValue("HX-Refresh")).hasValue("true");
    }

    @Test
    void sessionEndsWhenItIsEndedOrAfterEightHours() throws Exception {
        Browser first = Browser.signedIn(server, link);
        assertThat(first.get("/console").statusCode()).isEqualTo(200);
        String made = CommandResult.of("admin", "link", "--data-dir", folder.toString()).out();
        Browser second = Browser.signedIn(server, URI.create(made.strip()));
        assertThat(first.post("/console/sign-out", "", first.origin()).statusCode()).isEqualTo(200);
        assertThat(first.get("/console").statusCode()).isEqualTo(401);
        assertThat(second.get("/console").statusCode()).as("the other's").isEqualTo(200);
        server.clock.move(Duration.ofHours(8));
        assertThat(second.get("/console").statusCode()).isEqualTo(401);
    }

    /** A cookie comes along whoever made the browser ask: it reads reports and does nothing. */
    @Test
    void cookieChangesNothingInRest() throws Exception {
        Browser browser = Browser.signedIn(server, link);
        assertThat(browser.get("/api/v1/reports/usage").statusCode()).isEqualTo(200);
        assertThat(browser.get("/api/v1/reports/leaks?format=csv").statusCode()).isEqualTo(200);
        assertThat(browser.get("/api/v1/devices").statusCode()).isEqualTo(401);
        for (String path : List.of("/api/v1/tokens", "/api/v1/links")) {
            assertThat(browser.post(path, "{}", browser.origin()).statusCode())
                    .as(path)
                    .isEqualTo(401);
        }
    }

    @Test
    void everyReadIsRecordedUnderTheSession() throws Exception {
        Browser browser = Browser.signedIn(server, link);
        browser.get("/console?period=7d&by=intent");
        browser.get("/api/v1/reports/leaks?format=csv");
        browser.post("/console/sign-out", "", browser.origin());
        List<String> seen = new ArrayList<>();
        server.json("/api/v1/audit")
                .get("entries")
                .forEach(e ->
                        seen.addFirst(
                                e.get("actor").asString().replaceFirst("[0-9a-f]{8}$", "*")
                                        + " "
                                        + e.get("action").asString()
                                        + ": "
                                        + e.get("target")
                                                .asString()
                                                .replaceFirst(" \\d{4}-.*", "")
                                                .replaceFirst("[0-9a-f]{8}$", "*")));
        assertThat(seen)
                .containsExactly(
                        "link change session: opened session:*",
                        "session:* read report: usage by intent",
                        "session:* read report: leaks",
                        "session:* export report: leaks",
                        "session:* change session: ended",
                        "token:* read audit: last 200");
    }
}
