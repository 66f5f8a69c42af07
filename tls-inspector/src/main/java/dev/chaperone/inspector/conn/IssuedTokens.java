// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Tokens that belong to a service: the credential a request is sent with and those the service
 * issued earlier. They are exempt from redaction by value and host, never by path (DESIGN §4.10),
 * so that a login or a token refresh passes unharmed. Only digests are kept, for a day.
 * Thread-safe.
 */
public final class IssuedTokens {
    private static final int MIN_TOKEN = 16;
    private static final int MAX_TOKENS = 4096;
    private static final Set<String> CREDENTIAL_HEADERS =
            Set.of(
                    "authorization",
                    "x-api-key",
                    "api-key",
                    "x-goog-api-key",
                    "x-auth-token",
                    "cookie");

    private static final Set<String> CREDENTIAL_PARAMETERS =
            Set.of(
                    "key",
                    "api_key",
                    "apikey",
                    "access_token",
                    "accesstoken",
                    "token",
                    "sig",
                    "signature");

    private final Cache<String, Boolean> digests =
            Caffeine.newBuilder()
                    .maximumSize(MAX_TOKENS)
                    .expireAfterWrite(Duration.ofDays(1))
                    .build();

    /**
     * Remembers what a response issues: cookies and, in a small JSON body, the values of fields
     * named like a token.
     */
    void learn(String host, List<HeaderField> responseHeaders) {
        for (HeaderField field : responseHeaders) {
            if (field.name().equalsIgnoreCase("set-cookie")) {
                int semicolon = field.value().indexOf(';');
                String pair = semicolon < 0 ? field.value() : field.value().substring(0, semicolon);
                remember(host, pair.substring(pair.indexOf('=') + 1));
            }
        }
    }

    /** Remembers the token-like fields of a JSON answer. */
    void learnJson(String host, byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        int at = 0;
        while ((at = text.indexOf("oken\"", at)) >= 0) {
            at += 5;
            int colon = skipSpace(text, at);
            if (colon >= text.length() || text.charAt(colon) != ':') {
                continue;
            }
            int quote = skipSpace(text, colon + 1);
            if (quote < text.length() && text.charAt(quote) == '"') {
                int end = text.indexOf('"', quote + 1);
                if (end > 0) {
                    remember(host, text.substring(quote + 1, end));
                    at = end;
                }
            }
        }
    }

    private static int skipSpace(String text, int at) {
        int i = at;
        while (i < text.length() && text.charAt(i) <= ' ') {
            i++;
        }
        return i;
    }

    private void remember(String host, String token) {
        if (token.length() >= MIN_TOKEN) {
            digests.put(digest(host, token), true);
        }
    }

    /** True for the request's own credential and for tokens that its host issued. */
    public Predicate<String> ownSecretsOf(RequestHead head) {
        Set<String> own = new HashSet<>();
        for (HeaderField field : head.headers()) {
            if (CREDENTIAL_HEADERS.contains(field.name().toLowerCase(Locale.ROOT))) {
                own.add(field.value());
                own.addAll(Arrays.asList(field.value().split("[ ;,=]+")));
            }
        }
        for (String pair : head.query().split("&")) {
            int equals = pair.indexOf('=');
            // A parameter named otherwise may carry the prompt itself.
            if (equals > 0
                    && CREDENTIAL_PARAMETERS.contains(
                            pair.substring(0, equals).toLowerCase(Locale.ROOT))) {
                own.add(pair.substring(equals + 1));
            }
        }
        own.removeIf(v -> v.length() < MIN_TOKEN);
        String host = head.host();
        return value ->
                own.contains(value)
                        || value.length() >= MIN_TOKEN
                                && digests.getIfPresent(digest(host, value)) != null;
    }

    private static String digest(String host, String value) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(host.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return new String(
                    sha.digest(value.getBytes(StandardCharsets.UTF_8)),
                    StandardCharsets.ISO_8859_1);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
