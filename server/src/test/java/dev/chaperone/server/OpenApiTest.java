// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.EventBatch;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The OpenAPI document says what the server does: its form, its routes, its answers. */
class OpenApiTest {
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final Set<String> METHODS = Set.of("get", "post", "put", "delete");
    private static final Pattern ROUTE =
            Pattern.compile("routing\\s*\\.(get|post|put|delete)\\(\\s*\"([^\"]+)\"");

    @TempDir Path folder;
    private TestServer server;
    private JsonNode document;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        HttpResponse<String> served = server.send(server.bare("/openapi.yaml").GET());
        assertThat(served.headers().firstValue("content-type")).hasValue("application/yaml");
        document = new YAMLMapper().readTree(served.body());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = OpenApiTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void documentIsOpenApi31() throws Exception {
        Schema openApi = SCHEMAS.getSchema(resource("/openapi/schema-3.1.json"), InputFormat.JSON);
        assertThat(openApi.validate(document.toString(), InputFormat.JSON)).isEmpty();
        ObjectNode wrong = (ObjectNode) document.deepCopy();
        ((ObjectNode) wrong.at("/paths/~1livez/get")).put("responses", "none");
        assertThat(openApi.validate(wrong.toString(), InputFormat.JSON)).isNotEmpty();
    }

    @Test
    void everyReferenceLeadsSomewhereAndEverySchemaIsOne() {
        Schema meta =
                SCHEMAS.getSchema(
                        com.networknt.schema.SchemaLocation.of(
                                "https://json-schema.org/draft/2020-12/schema"));
        document.findValuesAsString("$ref")
                .forEach(ref ->
                        assertThat(document.at(ref.substring(1)).isMissingNode())
                                .as(ref)
                                .isFalse());
        assertThat(document.findValuesAsString("$ref")).hasSizeGreaterThan(50);
        List<JsonNode> schemas = new ArrayList<>(document.findValues("schema"));
        document.at("/components/schemas").forEach(schemas::add);
        assertThat(schemas).hasSizeGreaterThan(30);
        schemas.forEach(s ->
                assertThat(meta.validate(s.toString(), InputFormat.JSON))
                        .as(s.toString())
                        .isEmpty());
    }

    /** A comma in an unquoted text of YAML's flow style makes two keys of it. */
    @Test
    void noKeyIsALostPieceOfText() {
        assertThat(keys(document)).hasSizeGreaterThan(100).noneMatch(key -> key.contains(" "));
    }

    private static Set<String> keys(JsonNode node) {
        Set<String> keys = new TreeSet<>(node.propertyNames());
        node.forEach(child -> keys.addAll(keys(child)));
        return keys;
    }

    private Set<String> operations() {
        Set<String> all = new TreeSet<>();
        document.get("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .propertyNames()
                                .forEach(method -> {
                                    if (METHODS.contains(method)) {
                                        all.add(method + " " + path.getKey());
                                    }
                                }));
        return all;
    }

    /** All but the console's pages. */
    @Test
    void everyRouteIsDescribedAndNoOther() throws Exception {
        Set<String> routes = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(s -> s.toString().endsWith(".java"))
                            .filter(s -> !s.toString().contains("/server/console/"))
                            .toList()) {
                Matcher m = ROUTE.matcher(Files.readString(source));
                while (m.find()) {
                    routes.add(m.group(1) + " " + m.group(2));
                }
            }
        }
        assertThat(routes).hasSizeGreaterThan(15).isEqualTo(operations());
    }

    @Test
    void everyDescribedOperationIsTakenByItsListener() throws Exception {
        for (String operation : operations()) {
            String method = operation.substring(0, operation.indexOf(' '));
            String path = operation.substring(method.length() + 1);
            boolean agents = !document.at(pointer(path, method) + "/servers").isMissingNode();
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(
                                    (agents ? server.server.agents() : server.server.console())
                                            .resolve(path.replace("{id}", "none")))
                            .method(
                                    method.toUpperCase(java.util.Locale.ROOT),
                                    BodyPublishers.noBody());
            HttpResponse<String> answer = server.send(request);
            assertThat(answer.statusCode()).as(operation).isNotEqualTo(404);
            boolean open =
                    document.at(pointer(path, method) + "/security").isEmpty()
                            && document.at(pointer(path, method) + "/security").isArray();
            if (!open) {
                assertThat(answer.statusCode()).as(operation).isEqualTo(401);
            }
            if (answer.statusCode() >= 400) {
                requireDescribed(method, path, answer);
            }
        }
    }

    private static String pointer(String path, String method) {
        return "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method;
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asString().substring(1)) : node;
    }

    /** The answer's status, type and body are those that the document has for the operation. */
    private void requireDescribed(String method, String path, HttpResponse<String> answer) {
        JsonNode responses = document.at(pointer(path, method) + "/responses");
        String status = Integer.toString(answer.statusCode());
        JsonNode response =
                resolved(responses.has(status) ? responses.get(status) : responses.get("default"));
        if (answer.statusCode() < 400) {
            assertThat(responses.has(status)).as("%s %s: %s", method, path, status).isTrue();
        }
        String type =
                answer.headers().firstValue("content-type").orElse("").replaceFirst(";.*", "");
        JsonNode schema = response.at("/content/" + type.replace("/", "~1") + "/schema");
        assertThat(schema.isMissingNode()).as("%s %s: %s", method, path, type).isFalse();
        if (type.endsWith("json")) {
            assertThat(errors(schema, answer.body()))
                    .as("%s %s: %s", method, path, answer.body())
                    .isEmpty();
        }
    }

    private List<Error> errors(JsonNode schema, String json) {
        ObjectNode whole = (ObjectNode) schema.deepCopy();
        whole.set("components", document.get("components"));
        return SCHEMAS.getSchema(whole.toString(), InputFormat.JSON)
                .validate(json, InputFormat.JSON);
    }

    @Test
    void answersAreAsDescribed() throws Exception {
        TestDevice device = server.enrol();
        try (device) {
            List<Event> events = new ArrayList<>();
            for (int i = 1; i <= 12; i++) {
                events.add(
                        Events.event(
                                i,
                                new Events.Kind(
                                        "p" + i,
                                        i > 3 ? "one" : "two",
                                        "app",
                                        Map.of("CREDENTIAL.token", 1),
                                        Action.WARN,
                                        Outcome.SENT,
                                        Events.AT)));
            }
            EventBatch batch = Events.batch(events);
            assertThat(
                            errors(
                                    document.at("/components/schemas/EventBatch"),
                                    TestServer.JSON.writeValueAsString(batch)))
                    .isEmpty();
            requireDescribed("post", "/v1/events", device.send(batch));
            EventBatch gap = Events.batch(20, 21);
            HttpResponse<String> refused = device.send(gap);
            assertThat(refused.statusCode()).isEqualTo(409);
            requireDescribed("post", "/v1/events", refused);
            requireDescribed("post", "/v1/status", device.status(Map.of("oversize", 2L)));
            requireDescribed("get", "/v1/policy", device.policy(null));
            requireDescribed(
                    "put",
                    "/api/v1/policy",
                    server.put("/api/v1/policy?name=p.yaml", SamplePolicy.YAML));
            requireDescribed("get", "/v1/policy", device.policy(null));
            for (String by :
                    List.of(
                            "service",
                            "application",
                            "group",
                            "intent",
                            "data-type",
                            "action",
                            "day",
                            "person")) {
                requireDescribed(
                        "get",
                        "/api/v1/reports/usage",
                        server.get("/api/v1/reports/usage?since=30d&by=" + by));
            }
            requireDescribed("get", "/api/v1/reports/leaks", server.get("/api/v1/reports/leaks"));
            requireDescribed(
                    "get", "/api/v1/reports/leaks", server.get("/api/v1/reports/leaks?format=csv"));
            requireDescribed("get", "/api/v1/devices", server.get("/api/v1/devices"));
            requireDescribed("get", "/api/v1/audit", server.get("/api/v1/audit"));
            requireDescribed(
                    "post",
                    "/api/v1/tokens",
                    server.post("/api/v1/tokens", "{\"uses\":1,\"hours\":1}"));
            requireDescribed("post", "/api/v1/links", server.post("/api/v1/links", ""));
            String secret = Browser.secret(server.server.adminLink().orElseThrow());
            requireDescribed(
                    "post",
                    "/api/v1/sessions",
                    server.post("/api/v1/sessions", "{\"secret\":\"%s\"}".formatted(secret)));
            describedRoots(device);
            requireDescribed("get", "/livez", server.get("/livez"));
            requireDescribed("get", "/readyz", server.get("/readyz"));
            requireDescribed("get", "/openapi.yaml", server.get("/openapi.yaml"));
            requireDescribed(
                    "post",
                    "/api/v1/devices/{id}/revoke",
                    server.post("/api/v1/devices/" + device.answer.device() + "/revoke", ""));
        }
        assertThat(
                        errors(
                                document.at(
                                        "/components/responses/Enrolled/content/application~1json/schema"),
                                TestServer.JSON.writeValueAsString(device.answer)))
                .isEmpty();
        DeviceStatus status = new DeviceStatus("0.1.0", 0, "none", 1, 0, 0, Map.of());
        assertThat(
                        errors(
                                document.at("/components/schemas/DeviceStatus"),
                                TestServer.JSON.writeValueAsString(status)))
                .isEmpty();
    }

    private void describedRoots(TestDevice device) throws Exception {
        HttpResponse<String> signed = device.certificates(TestDevice.issuing());
        assertThat(signed.statusCode()).as(signed.body()).isEqualTo(200);
        requireDescribed("post", "/v1/certificates", signed);
        requireDescribed("post", "/api/v1/roots/request", server.post("/api/v1/roots/request", ""));
        requireDescribed(
                "post", "/api/v1/roots", server.post("/api/v1/roots", "{\"certificates\":\"\"}"));
        requireDescribed("post", "/api/v1/roots/roll", server.post("/api/v1/roots/roll", ""));
        requireDescribed("get", "/api/v1/roots", server.get("/api/v1/roots"));
        requireDescribed(
                "post", "/api/v1/roots/promote", server.post("/api/v1/roots/promote", "{}"));
        HttpResponse<String> promoted = server.post("/api/v1/roots/promote", "{\"force\":true}");
        assertThat(promoted.statusCode()).as(promoted.body()).isEqualTo(200);
        requireDescribed("post", "/api/v1/roots/promote", promoted);
        requireDescribed(
                "post",
                "/api/v1/roots/retire",
                server.post("/api/v1/roots/retire", "{\"force\":true}"));
    }

    /** The check itself: a row without its people, and one with a key too many, are found. */
    @Test
    void answerThatIsNotAsDescribedIsFound() throws Exception {
        try (TestDevice device = server.enrol()) {
            device.send(Events.batch(1, 1));
        }
        JsonNode schema = document.at("/components/schemas/Row");
        String row =
                "{\"service\":\"a\",\"events\":1,\"repeats\":0,\"found\":0,\"redacted\":0,\"stopped\":0,"
                        + "\"bytes\":0,\"people\":5}";
        assertThat(errors(schema, row)).isEmpty();
        assertThat(errors(schema, row.replace(",\"people\":5", ""))).isNotEmpty();
        assertThat(errors(schema, row.replace("\"people\"", "\"person\":\"p\",\"people\"")))
                .isNotEmpty();
        assertThat(errors(schema, row.replace("\"service\"", "\"person\""))).isNotEmpty();
    }
}
