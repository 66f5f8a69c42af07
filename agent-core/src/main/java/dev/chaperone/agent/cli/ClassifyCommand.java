// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code classify --json}: JSON Lines in, one answer a line in the same order (DESIGN §4.1). A line
 * that is no request gets {@code {"id":null,"error":…}} and never quotes the input.
 */
@Command(
        name = "classify",
        description = "Says what each text on standard input holds and what it asks for.")
public final class ClassifyCommand implements Callable<Integer> {
    /** The longest line that is read; a longer one is skipped and answered with an error. */
    static final int LONGEST_LINE = 10 * 1024 * 1024;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Option(
            names = "--json",
            required = true,
            description = "JSON Lines in, JSON Lines out; the only format.")
    private boolean json;

    private final InputStream in;
    private final OutputStream out;

    public ClassifyCommand() {
        this(System.in, System.out);
    }

    ClassifyCommand(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        if (!json) {
            return ExitStatus.USAGE; // --json=false: there is no other format yet
        }
        DetectionEngine engine = DetectionEngine.standard();
        try (InputStream lines = new BufferedInputStream(in, 1 << 16);
                OutputStream answers = new BufferedOutputStream(out, 1 << 16)) {
            ByteArrayOutputStream line = new ByteArrayOutputStream(4096);
            for (Read read = read(lines, line); read != Read.END; read = read(lines, line)) {
                if (read == Read.LINE
                        && line.size() < 8
                        && line.toString(StandardCharsets.UTF_8).isBlank()) {
                    continue;
                }
                ObjectNode answer =
                        read == Read.TOO_LONG
                                ? error("the line is longer than 10 MiB")
                                : answer(engine, line.toByteArray());
                answers.write(JSON.writeValueAsBytes(answer));
                answers.write('\n');
                if (lines.available() == 0) {
                    answers.flush(); // whoever waits for this answer has sent all it wants to
                }
            }
        }
        return ExitStatus.DONE;
    }

    private enum Read {
        LINE,
        TOO_LONG,
        END
    }

    private static Read read(InputStream in, ByteArrayOutputStream line) throws IOException {
        line.reset();
        boolean tooLong = false;
        int b = in.read();
        if (b < 0) {
            return Read.END;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (line.size() < LONGEST_LINE) {
                line.write(b);
            } else {
                tooLong = true;
            }
        }
        return tooLong ? Read.TOO_LONG : Read.LINE;
    }

    static ObjectNode answer(DetectionEngine engine, byte[] line) {
        JsonNode request;
        try {
            request = JSON.readTree(line);
        } catch (JacksonException _) {
            return error("the line is not JSON"); // the parser's message quotes the input
        }
        if (!request.isObject() || !request.path("text").isString()) {
            return error("the line is not an object with a string \"text\"");
        }
        Optional<Origin> origin = origin(request.path("origin"));
        if (origin.isEmpty()) {
            return error("\"origin\" is none of the known origins");
        }
        String text = request.path("text").stringValue();
        Segment segment = new Segment(0, text, origin.get());
        return answer(request.path("id"), text, engine.assess(List.of(segment), text));
    }

    private static Optional<Origin> origin(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Optional.of(Origin.USER);
        }
        if (!node.isString()) {
            return Optional.empty();
        }
        String name = node.stringValue().toUpperCase(Locale.ROOT);
        return List.of(Origin.values()).stream().filter(o -> o.name().equals(name)).findFirst();
    }

    private static ObjectNode error(String why) {
        return JSON.createObjectNode().putNull("id").put("error", why);
    }

    private static ObjectNode answer(JsonNode id, String text, Assessment assessment) {
        ObjectNode answer = JSON.createObjectNode();
        answer.set("id", id.isMissingNode() ? JSON.nullNode() : id);
        ArrayNode findings = answer.putArray("findings");
        int unit = 0;
        int points = 0;
        for (Finding finding : assessment.findings()) { // in order of their start
            if (finding.example() && finding.group().equals("SECRET")) {
                continue; // AWS's documented keys open nothing; reserved addresses and test cards
                // are shown
            }
            points += text.codePointCount(unit, finding.span().start());
            int length = text.codePointCount(finding.span().start(), finding.span().end());
            unit = finding.span().start();
            findings.addObject()
                    .put("type", finding.type())
                    .put("start", points)
                    .put("end", points + length)
                    .put("confidence", finding.confidence())
                    .put("tier", finding.tier().name().toLowerCase(Locale.ROOT));
        }
        if (assessment.missing().contains("intent-model")) {
            answer.putNull("intent_group");
        } else {
            answer.put("intent_group", assessment.intent().group().id());
        }
        answer.putNull("intent").putNull("intent_score").putNull("intents");
        answer.putNull("adversarial_score").putNull("threats");
        return answer.putNull("unsafe_score").putNull("unsafe_kinds");
    }
}
