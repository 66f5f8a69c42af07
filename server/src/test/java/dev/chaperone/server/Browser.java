// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a browser does with the console, less the drawing: a cookie, forms with their origin. */
final class Browser {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final TestServer server;
    private @Nullable String cookie;

    Browser(TestServer server) {
        this.server = server;
    }

    /** Signed in by a link, which must work. */
    static Browser signedIn(TestServer server, URI link) throws Exception {
        Browser browser = new Browser(server);
        HttpResponse<String> answer = browser.signIn(secret(link), browser.origin());
        if (answer.statusCode() != 303) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
        return browser;
    }

    static String secret(URI link) {
        return link.getQuery().substring("link=".length());
    }

    String origin() {
        return "https://" + server.server.console().getAuthority();
    }

    HttpResponse<String> signIn(String secret, String origin) throws Exception {
        return post("/admin", "link=" + secret, origin);
    }

    HttpResponse<String> post(String path, String form, String origin) throws Exception {
        HttpRequest.Builder request =
                request(path)
                        .header("content-type", FORM)
                        .POST(HttpRequest.BodyPublishers.ofString(form));
        if (!origin.isEmpty()) {
            request.header("origin", origin);
        }
        HttpResponse<String> answer = server.send(request);
        answer.headers()
                .firstValue("set-cookie")
                .ifPresent(set -> cookie = set.substring(0, set.indexOf(';')));
        return answer;
    }

    HttpResponse<String> get(String path) throws Exception {
        return get(path, Map.of());
    }

    HttpResponse<String> get(String path, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request = request(path).GET();
        headers.forEach(request::header);
        return server.send(request);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = server.bare(path);
        if (cookie != null) {
            request.header("cookie", cookie);
        }
        return request;
    }
}
