// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    /**
     * A value of the protocol.
     *
     * @throws IllegalArgumentException when there is none, or a part that it must have is missing
     */
    static <T> T value(JsonNode node, Class<T> type) {
        T value = MAPPER.treeToValue(node, type);
        @Nullable Object[] parts =
                switch (value) {
                    case null -> new @Nullable Object[] {null};
                    case Question q ->
                            new @Nullable Object[] {
                                q.id(),
                                q.service(),
                                q.app(),
                                q.message(),
                                q.asked(),
                                q.until(),
                                q.onTimeout(),
                                q.state()
                            };
                    case Settled s -> new @Nullable Object[] {s.id(), s.how()};
                    case Notice n -> new @Nullable Object[] {n.action(), n.message()};
                    case AgentStatus s -> new @Nullable Object[] {s.version()};
                    case Activity a ->
                            new @Nullable Object[] {
                                a.at(),
                                a.service(),
                                a.app(),
                                a.intent(),
                                a.action(),
                                a.outcome(),
                                a.rule(),
                                a.explanation()
                            };
                    case Ledger l -> new @Nullable Object[] {l.enforcement()};
                    default -> new Object[0];
                };
        if (Arrays.asList(parts).contains(null)) {
            throw new IllegalArgumentException("incomplete");
        }
        return value;
    }

    /** Values of the protocol, each complete. */
    static <T> List<T> values(JsonNode array, Class<T> type) {
        return array.valueStream().map(node -> value(node, type)).toList();
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
