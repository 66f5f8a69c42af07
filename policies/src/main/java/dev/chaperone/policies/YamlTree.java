// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads one YAML 1.2 document into nodes that know their line. Only what a policy needs: no tags,
 * anchors or aliases (so no alias bombs and no cycles), bounded size and depth.
 */
final class YamlTree {
    /** Bytes; a policy of 200 rules with tests is a tenth of this. */
    static final int MAX_BYTES = 1 << 20;

    static final int MAX_DEPTH = 16;

    private YamlTree() {}

    /** The document's top mapping. */
    static Fields read(byte[] yaml, String source) {
        if (yaml.length > MAX_BYTES) {
            throw new PolicyFormatException(
                    source, 1, "larger than " + MAX_BYTES + " bytes: split or shorten it");
        }
        String text = decode(yaml, source);
        LoadSettings settings =
                LoadSettings.builder()
                        .setLabel("policy")
                        .setCodePointLimit(MAX_BYTES)
                        .setUseMarks(true)
                        .build();
        try {
            check(text, settings, source);
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isPresent() && root.get() instanceof MappingNode mapping) {
                return new Fields(source, mapping);
            }
            throw new PolicyFormatException(
                    source, 1, "expected keys such as 'version' and 'rules' at the top");
        } catch (MarkedYamlEngineException e) {
            throw new PolicyFormatException(
                    source, e.getProblemMark().map(YamlTree::line).orElse(1), problem(e));
        } catch (YamlEngineException e) {
            throw new PolicyFormatException(
                    source,
                    1,
                    "not plain YAML 1.2: an illegal character, or a key that is no word");
        }
    }

    /** The library's problem without the words it quotes: they could be a test's text. */
    private static String problem(MarkedYamlEngineException e) {
        String problem = e.getProblem().replaceAll("\\s+", " ").replaceAll("[(]?'[^']*'.*$", "");
        return "not YAML: "
                + problem.replaceAll("[^A-Za-z0-9 ,<>:-]", "").strip()
                + "; check indentation, quotes and brackets";
    }

    private static String decode(byte[] yaml, String source) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(yaml)).toString();
        } catch (CharacterCodingException e) {
            throw new PolicyFormatException(source, 1, "not UTF-8: save the file as UTF-8");
        }
    }

    private static void check(String text, LoadSettings settings, String source) {
        int depth = 0;
        int documents = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            switch (event) {
                case DocumentStartEvent start -> {
                    if (++documents > 1) {
                        throw at(source, start, "a second document: a policy is one document");
                    }
                }
                case AliasEvent alias ->
                        throw at(source, alias, "aliases are not allowed: write the value out");
                case CollectionStartEvent start -> {
                    plain(source, start, start.getTag().isPresent());
                    if (++depth > MAX_DEPTH) {
                        throw at(source, start, "nested deeper than " + MAX_DEPTH + " levels");
                    }
                }
                case CollectionEndEvent _ -> depth--;
                case ScalarEvent scalar -> plain(source, scalar, scalar.getTag().isPresent());
                default -> {}
            }
        }
    }

    private static void plain(String source, NodeEvent event, boolean tagged) {
        if (tagged) {
            throw at(source, event, "tags ('!…') are not allowed: write a plain value");
        }
        if (event.getAnchor().isPresent()) {
            throw at(source, event, "anchors ('&…') are not allowed: write the value out");
        }
    }

    private static PolicyFormatException at(String source, Event event, String reason) {
        return new PolicyFormatException(
                source, event.getStartMark().map(YamlTree::line).orElse(1), reason);
    }

    private static int line(Mark mark) {
        return mark.getLine() + 1;
    }
}
