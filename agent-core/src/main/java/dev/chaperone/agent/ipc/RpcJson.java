// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of JSON-RPC 2.0, one object a line. Thread-safe. */
public final class RpcJson {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build();

    /**
     * Reads one line.
     *
     * @throws tools.jackson.core.JacksonException when it is no JSON; its message may quote it
     */
    public JsonNode read(byte[] line) {
        return MAPPER.readTree(line);
    }

    /** Whether it has the form of a request or notification. */
    static boolean isRequest(JsonNode node) {
        return node.isObject()
                && node.path("jsonrpc").asString("").equals("2.0")
                && node.path("method").isString()
                && (!node.has("id") || isId(node.get("id")));
    }

    static boolean isId(@Nullable JsonNode id) {
        return id != null && (id.isString() || id.isNumber() || id.isNull());
    }

    /** The params as a value. */
    public <T> T params(@Nullable JsonNode params, Class<T> type) {
        if (params == null || !params.isObject()) {
            throw new IllegalArgumentException("no params");
        }
        return MAPPER.treeToValue(params, type);
    }

    /** A result, or the params of a notification, as a value. */
    public <T> T value(JsonNode node, Class<T> type) {
        return MAPPER.treeToValue(node, type);
    }

    /** The {@code language} of params that may hold one; {@code en} without. */
    String language(@Nullable JsonNode params) {
        return params == null ? "en" : params.path("language").asString("en");
    }

    public byte[] request(long id, String method, Object params) {
        return line(message().put("id", id).put("method", method).set("params", tree(params)));
    }

    byte[] result(@Nullable JsonNode id, Object value) {
        ObjectNode message = message();
        message.set("result", tree(value));
        message.set("id", id == null ? MAPPER.nullNode() : id);
        return line(message);
    }

    byte[] error(@Nullable JsonNode id, int code, String text) {
        ObjectNode message = message();
        message.set("error", MAPPER.createObjectNode().put("code", code).put("message", text));
        message.set("id", id == null ? MAPPER.nullNode() : id);
        return line(message);
    }

    byte[] notification(String method, Object params) {
        return line(message().put("method", method).set("params", tree(params)));
    }

    private static ObjectNode message() {
        return MAPPER.createObjectNode().put("jsonrpc", "2.0");
    }

    private static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    private static byte[] line(JsonNode message) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(MAPPER.writeValueAsBytes(message));
        line.write('\n');
        return line.toByteArray();
    }
}
