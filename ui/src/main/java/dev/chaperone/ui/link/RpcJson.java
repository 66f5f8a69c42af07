// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of JSON-RPC 2.0, one object a line, with the agent's settings. Thread-safe. */
final class RpcJson {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build();

    private RpcJson() {}

    /**
     * Reads one line.
     *
     * @throws tools.jackson.core.JacksonException when it is no JSON; its message may quote it
     */
    static JsonNode read(byte[] line) {
        return MAPPER.readTree(line);
    }

    static <T> T value(JsonNode node, Class<T> type) {
        return MAPPER.treeToValue(node, type);
    }

    static byte[] request(long id, String method, Object params) {
        ObjectNode message = MAPPER.createObjectNode().put("jsonrpc", "2.0").put("id", id);
        message.put("method", method).set("params", MAPPER.valueToTree(params));
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(MAPPER.writeValueAsBytes(message));
        line.write('\n');
        return line.toByteArray();
    }
}
