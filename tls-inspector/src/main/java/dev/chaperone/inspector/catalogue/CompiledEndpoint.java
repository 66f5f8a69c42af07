// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.JsonReader;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.BlockReply;
import dev.chaperone.model.service.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An endpoint with its patterns compiled. Immutable. */
final class CompiledEndpoint {
    private record HeaderTest(String name, Pattern regex) {}

    private record AccountClue(Path from, @Nullable String kind, boolean id) {}

    final AiService service;
    final Endpoint endpoint;
    final List<HostPattern> hosts;
    final CompiledRequest request;

    /** What a refusal has to repeat. */
    final Path requestId;

    final List<CompiledResponse> responses;
    private final Set<String> methods;
    private final Pattern path;
    private final List<HeaderTest> headers;
    private final @Nullable Condition body;
    private final List<AccountClue> account;
    private final Map<HostPattern, String> accountHosts;

    /**
     * @throws IllegalArgumentException naming service and endpoint when something does not compile
     */
    CompiledEndpoint(AiService service, Endpoint endpoint) {
        this.service = service;
        this.endpoint = endpoint;
        try {
            hosts =
                    (endpoint.hosts().isEmpty() ? service.hosts() : endpoint.hosts())
                            .stream().map(HostPattern::of).toList();
            methods = Set.of(endpoint.method().split("\\|"));
            path = Pattern.compile(endpoint.path());
            headers = new ArrayList<>();
            endpoint.matchHeaders()
                    .forEach((name, regex) ->
                            headers.add(new HeaderTest(name, Pattern.compile(regex))));
            body = Condition.ofNullable(endpoint.matchBody());
            request = CompiledRequest.of(endpoint.request());
            BlockReply reply = endpoint.blockReply();
            requestId = Path.of(reply == null ? "id" : reply.requestId());
            responses = endpoint.responses().stream().map(CompiledResponse::of).toList();
            account =
                    service.account().stream()
                            .map(a -> new AccountClue(Path.of(a.from()), a.kind(), a.id()))
                            .toList();
            accountHosts = new LinkedHashMap<>();
            service.accountHosts()
                    .forEach((host, kind) -> accountHosts.put(HostPattern.of(host), kind));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    service.id() + "/" + endpoint.id() + ": " + e.getMessage(), e);
        }
    }

    boolean isOn(String host, int port) {
        for (HostPattern pattern : hosts) {
            if (pattern.covers(host, port)) {
                return true;
            }
        }
        return false;
    }

    /** The match, or null. Without a body, an endpoint that needs one does not match. */
    @Nullable EndpointMatch match(RequestHead head, String urlPath, byte @Nullable [] decodedBody) {
        boolean ws = endpoint.transport() == Endpoint.Transport.WS;
        if (ws != head.isWebSocketUpgrade() || !methods.contains(head.method())) {
            return null;
        }
        Matcher matcher = path.matcher(urlPath);
        if (!matcher.matches() || !headersFit(head)) {
            return null;
        }
        Map<String, String> groups = groups(matcher);
        return bodyFits(new Scope(head, groups), decodedBody)
                ? new EndpointMatch(this, groups)
                : null;
    }

    private Map<String, String> groups(Matcher matcher) {
        Map<String, String> groups = new LinkedHashMap<>();
        for (String name : path.namedGroups().keySet()) {
            String value = matcher.group(name);
            if (value != null) {
                groups.put(name, value);
            }
        }
        return groups;
    }

    private boolean headersFit(RequestHead head) {
        for (HeaderTest test : headers) {
            if (!test.regex.matcher(head.header(test.name).orElse("")).find()) {
                return false;
            }
        }
        return true;
    }

    private boolean bodyFits(Scope scope, byte @Nullable [] decodedBody) {
        if (body == null) {
            return true;
        }
        if (decodedBody == null) {
            return false;
        }
        try {
            JsonValue document = JsonReader.read(decodedBody, Source.BODY);
            return body.holds(document, scope);
        } catch (BodyFormatException _) {
            return false;
        }
    }

    /** The account's kind, if a clue or the host tells. */
    @Nullable String accountKind(JsonValue document, Scope scope) {
        for (AccountClue clue : account) {
            if (clue.kind != null && clue.from.firstValue(document, scope) != null) {
                return clue.kind;
            }
        }
        for (Map.Entry<HostPattern, String> entry : accountHosts.entrySet()) {
            if (entry.getKey().covers(scope.head().host(), scope.head().port())) {
                return entry.getValue();
            }
        }
        return null;
    }

    /** The account's identifier, if a clue tells. */
    @Nullable String accountId(JsonValue document, Scope scope) {
        for (AccountClue clue : account) {
            String value = clue.id ? clue.from.firstValue(document, scope) : null;
            if (value != null) {
                return value;
            }
        }
        return null;
    }
}
