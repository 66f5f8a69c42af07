// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads a property list by its document type: what is not in it fails. */
final class PlistReader {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private PlistReader() {}

    static JsonNode read(Document document) {
        assertThat(document.getDoctype().getPublicId()).isEqualTo("-//Apple//DTD PLIST 1.0//EN");
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("plist");
        return value((Element) document.getDocumentElement().getElementsByTagName("dict").item(0));
    }

    private static JsonNode value(Element e) {
        return switch (e.getTagName()) {
            case "dict" -> dict(e);
            case "array" -> {
                ArrayNode list = JSON.arrayNode();
                for (Node n = e.getFirstChild(); n != null; n = n.getNextSibling()) {
                    if (n instanceof Element child) {
                        list.add(value(child));
                    }
                }
                yield list;
            }
            case "true" -> JSON.booleanNode(true);
            case "false" -> JSON.booleanNode(false);
            case "integer" -> JSON.numberNode(Integer.parseInt(e.getTextContent()));
            case "data" -> JSON.binaryNode(Base64.getMimeDecoder().decode(e.getTextContent()));
            case "string" -> JSON.stringNode(e.getTextContent());
            default -> throw new AssertionError(e.getTagName());
        };
    }

    private static ObjectNode dict(Element e) {
        ObjectNode map = JSON.objectNode();
        String key = "";
        for (Node n = e.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element child && child.getTagName().equals("key")) {
                assertThat(key).as("a value for it").isEmpty();
                key = child.getTextContent();
            } else if (n instanceof Element child) {
                assertThat(key).as("a key before a value").isNotEmpty();
                assertThat(map.has(key)).as(key + " twice").isFalse();
                map.set(key, value(child));
                key = "";
            }
        }
        assertThat(key).as("a value for it").isEmpty();
        return map;
    }
}
