// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.chaperone.model.service.AccountRule;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.BlockReply;
import dev.chaperone.model.service.Confidence;
import dev.chaperone.model.service.Endpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a service file: the service itself, its endpoints and its refusals. */
final class ServiceReader {
    private static final Set<String> SERVICE =
            Set.of(
                    "id",
                    "name",
                    "vendor",
                    "category",
                    "hosts",
                    "confidence",
                    "sources",
                    "endpoints",
                    "account",
                    "account_hosts",
                    "account_note",
                    "tenant_header",
                    "exclusive",
                    "default",
                    "note");
    private static final Set<String> ENDPOINT =
            Set.of(
                    "id",
                    "method",
                    "path",
                    "hosts",
                    "match_headers",
                    "match_body",
                    "transport",
                    "kind",
                    "request",
                    "responses",
                    "block_reply",
                    "confidence",
                    "note",
                    "profile",
                    "legacy",
                    "links",
                    "fields",
                    "sources",
                    "source_read");
    private static final Set<String> REPLY =
            Set.of(
                    "status",
                    "content_type",
                    "headers",
                    "body",
                    "alt_body",
                    "body_raw",
                    "sse",
                    "stream_reply",
                    "ws_frames",
                    "connect_end",
                    "request_id",
                    "alt",
                    "shown",
                    "confidence",
                    "inherited",
                    "note");
    private static final Set<String> ACCOUNT = Set.of("from", "kind", "id");

    /** Names of the schema's definitions and the keys that are read of each; empty: the file's. */
    static Map<String, Set<String>> knownKeys() {
        return Map.of(
                "",
                SERVICE,
                "endpoint",
                ENDPOINT,
                "reply",
                REPLY,
                "request",
                FactsReader.REQUEST,
                "attachment",
                FactsReader.ATTACHMENT,
                "response",
                FactsReader.RESPONSE,
                "rule",
                FactsReader.RULE,
                "patch",
                FactsReader.PATCH);
    }

    private final String source;

    private ServiceReader(String source) {
        this.source = source;
    }

    static AiService read(byte[] json, String source) {
        return new ServiceReader(source).service(JsonTree.parse(json, source));
    }

    private AiService service(JsonTree tree) {
        Fields in = Fields.of(tree, source, SERVICE);
        List<String> hosts = in.texts("hosts");
        if (hosts.isEmpty()) {
            throw in.wrong("hosts", "must name at least one host");
        }
        hostPatterns(in, "hosts", hosts);
        List<Endpoint> endpoints = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonTree element : in.elements("endpoints")) {
            Endpoint endpoint = endpoint(element);
            if (!ids.add(endpoint.id())) {
                throw new CatalogueFormatException(
                        source, element.line(), "a second endpoint '" + endpoint.id() + "'");
            }
            endpoints.add(endpoint);
        }
        if (endpoints.isEmpty()) {
            throw in.wrong("endpoints", "must name at least one endpoint");
        }
        List<AccountRule> account = new ArrayList<>();
        for (JsonTree element : in.elements("account")) {
            Fields rule = Fields.of(element, source, ACCOUNT);
            account.add(
                    new AccountRule(
                            rule.required("from"), rule.text("kind"), rule.flag("id", false)));
        }
        return new AiService(
                in.required("id"),
                in.text("name", in.required("id")),
                in.text("vendor", ""),
                in.text("category", "other"),
                hosts,
                in.flag("exclusive", false),
                openByDefault(in),
                endpoints,
                account,
                in.textMap("account_hosts"),
                confidence(in),
                in.text("tenant_header"));
    }

    private static boolean openByDefault(Fields in) {
        return switch (in.text("default", "open")) {
            case "open" -> true;
            case "closed" -> false;
            default -> throw in.wrong("default", "must be open or closed");
        };
    }

    private Endpoint endpoint(JsonTree tree) {
        Fields in = Fields.of(tree, source, ENDPOINT);
        List<String> hosts = in.texts("hosts");
        hostPatterns(in, "hosts", hosts);
        String path = in.required("path");
        regex(in, "path", path);
        Map<String, String> headers = in.textMap("match_headers");
        headers.values().forEach(value -> regex(in, "match_headers", value));
        FactsReader facts = new FactsReader(source);
        return new Endpoint(
                in.required("id"),
                in.required("method"),
                path,
                choice(in, "kind", Endpoint.Kind.values(), Endpoint.Kind::id),
                in.tree("transport") == null
                        ? Endpoint.Transport.HTTP
                        : choice(
                                in,
                                "transport",
                                Endpoint.Transport.values(),
                                Endpoint.Transport::id),
                hosts,
                headers,
                in.text("match_body"),
                facts.request(in.tree("request"), tree.line()),
                facts.responses(in.elements("responses")),
                reply(in.tree("block_reply")),
                confidence(in));
    }

    private @Nullable BlockReply reply(@Nullable JsonTree tree) {
        if (tree == null) {
            return null;
        }
        Fields in = Fields.of(tree, source, REPLY);
        JsonTree body = in.tree("body");
        JsonTree connectEnd = in.tree("connect_end");
        int status = in.number("status", 403);
        if (status == 408 || status == 409 || status == 429 || status >= 500 || status < 200) {
            throw in.wrong("status", "must be one that clients do not retry: 200, 400, 403 …");
        }
        return new BlockReply(
                status,
                in.text("content_type", "application/json"),
                in.textMap("headers"),
                body == null ? null : body.toJson(),
                in.text("body_raw"),
                in.texts("sse"),
                in.flag("stream_reply", false),
                in.texts("ws_frames"),
                connectEnd == null ? null : connectEnd.toJson(),
                in.text("request_id", "id"));
    }

    private static Confidence confidence(Fields in) {
        return in.tree("confidence") == null
                ? Confidence.GUESS
                : choice(in, "confidence", Confidence.values(), Confidence::id);
    }

    private static void hostPatterns(Fields in, String name, List<String> hosts) {
        for (String host : hosts) {
            if (host.startsWith("~")) {
                regex(in, name, host.substring(1));
            } else if (!host.equals(host.toLowerCase(Locale.ROOT))) {
                throw in.wrong(name, "must be in lower case");
            }
        }
    }

    /** Administrators' regexes run on every request: RE2J has no catastrophic ones. */
    static void regex(Fields in, String name, String regex) {
        try {
            Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw in.wrong(name, "is not a regex that RE2 accepts: " + e.getDescription());
        }
    }

    private static <E> E choice(
            Fields in, String name, E[] values, java.util.function.Function<E, String> id) {
        String text = in.required(name);
        List<String> ids = new ArrayList<>();
        for (E value : values) {
            if (id.apply(value).equals(text)) {
                return value;
            }
            ids.add(id.apply(value));
        }
        throw in.wrong(name, "must be one of " + String.join(", ", ids));
    }
}
