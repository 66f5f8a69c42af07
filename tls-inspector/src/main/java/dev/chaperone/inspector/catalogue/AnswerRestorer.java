// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonReader;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.RawText;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.framing.Frame;
import dev.chaperone.inspector.framing.FrameCutter;
import dev.chaperone.inspector.framing.LineFrame;
import dev.chaperone.inspector.framing.SseFrame;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.restore.PlaceholderForms;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts real values back into one answer while it passes: bytes in, bytes out, after
 * Content-Encoding. Gives out each event of a stream once it is whole, and a document once the
 * answer is. What it cannot read passes as it came. Not thread-safe.
 */
public final class AnswerRestorer {
    private static final int MAX_EVENT = 1 << 20;
    private static final int MAX_DOCUMENT = 4 << 20;
    private static final Set<String> DOCUMENTS =
            Set.of("json", "json-or-array", "json-array-at", "text");
    private static final Set<String> LINES = Set.of("ndjson", "numbered-lines");

    private final CompiledResponse facts;
    private final String framing;
    private final EventRestorer events;
    private final @Nullable FrameCutter cutter;
    private final ByteArrayOutputStream document = new ByteArrayOutputStream();
    private ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean ending;
    private boolean stopped;
    private boolean passing;
    private boolean oversize;

    private AnswerRestorer(
            CompiledResponse facts, String framing, Scope scope, Restoration restoration) {
        this.facts = facts;
        this.framing = framing;
        boolean streamed = !DOCUMENTS.contains(framing);
        this.events =
                new EventRestorer(
                        facts,
                        scope,
                        new PlaceholderForms(restoration.values()),
                        restoration.toolCalls(),
                        streamed);
        this.cutter =
                streamed
                        ? new FrameCutter(
                                LINES.contains(framing),
                                MAX_EVENT,
                                new FrameCutter.Sink() {
                                    @Override
                                    public void frame(byte[] frame) {
                                        restore(frame);
                                    }

                                    @Override
                                    public void oversize(byte[] part) {
                                        oversize = true;
                                        out.writeBytes(part);
                                    }
                                })
                        : null;
    }

    /**
     * A restorer for an HTTP answer; empty when the catalogue names no text in such an answer, or
     * its notation is not one that can be changed.
     *
     * @param contentType the answer's, or the empty string
     */
    public static Optional<AnswerRestorer> forResponse(
            EndpointMatch match,
            RequestHead head,
            int status,
            String contentType,
            Restoration restoration) {
        String type = contentType.toLowerCase(Locale.ROOT);
        CompiledResponse facts = AnswerReader.facts(match, type);
        String framing = AnswerReader.framing(facts, status, type);
        boolean known =
                framing.equals("sse") || LINES.contains(framing) || DOCUMENTS.contains(framing);
        boolean texts = !facts.rules().isEmpty() || facts.patch() != null;
        return known && texts
                ? Optional.of(
                        new AnswerRestorer(
                                facts, framing, new Scope(head, match.pathGroups()), restoration))
                : Optional.empty();
    }

    /** Takes the next bytes, cut anywhere; returns what can be given out now. */
    public byte[] feed(byte[] bytes, int offset, int length) {
        if (cutter != null) {
            cutter.feed(bytes, offset, length);
        } else if (passing) {
            out.write(bytes, offset, length);
        } else {
            document.write(bytes, offset, length);
            if (document.size() > MAX_DOCUMENT) {
                oversize = true;
                passing = true;
                out.writeBytes(document.toByteArray());
                document.reset();
            }
        }
        return taken();
    }

    /** The answer ended, or broke off: returns everything that is left. */
    public byte[] end() {
        ending = true;
        if (cutter != null) {
            cutter.end();
            events.releaseAll(out);
        } else if (document.size() > 0) {
            wholeDocument(document.toByteArray());
            document.reset();
        }
        return taken();
    }

    /** True when a part passed unread for its size. */
    public boolean isIncomplete() {
        return oversize || events.isIncomplete();
    }

    /** How many placeholders were restored so far. */
    public int restored() {
        return events.restored();
    }

    private byte[] taken() {
        byte[] taken = out.toByteArray();
        if (taken.length > 0) {
            out = new ByteArrayOutputStream();
        }
        return taken;
    }

    private void restore(byte[] bytes) {
        if (stopped) {
            out.writeBytes(bytes);
            return;
        }
        if (LINES.contains(framing)) {
            LineFrame frame = LineFrame.of(bytes, framing.equals("numbered-lines"));
            restore(frame.name(), frame);
            return;
        }
        SseFrame frame = SseFrame.of(bytes);
        if (!frame.hasData()) {
            out.writeBytes(bytes);
            return;
        }
        String data = new String(frame.data(), StandardCharsets.UTF_8).strip();
        if (facts.stopAt().contains(data)) {
            stopped = true;
            events.releaseAll(out);
            out.writeBytes(bytes);
            return;
        }
        restore(frame.name(), frame);
    }

    private void restore(String name, Frame frame) {
        JsonValue value = read(frame.data());
        if (value == null) {
            out.writeBytes(frame.bytes());
        } else {
            events.event(name, value, frame, ending, out);
        }
    }

    private static @Nullable JsonValue read(byte[] data) {
        try {
            return JsonReader.read(data, Source.BODY);
        } catch (BodyFormatException _) {
            return RawText.fits(data, 0, data.length)
                    ? new RawText(data, 0, data.length, Source.BODY)
                    : null;
        }
    }

    private void wholeDocument(byte[] body) {
        JsonValue value =
                framing.equals("text") && RawText.fits(body, 0, body.length)
                        ? new RawText(body, 0, body.length, Source.BODY)
                        : read(body);
        if (value == null) {
            out.writeBytes(body);
            return;
        }
        Frame frame = new Whole(body);
        if (framing.equals("json-or-array") && value instanceof JsonArray array) {
            events.events("", value, array.elements(), frame, true, out);
        } else {
            events.event("", value, frame, true, out);
        }
    }

    /** A document that is its own frame. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Whole(byte[] bytes) implements Frame {
        @Override
        public byte[] data() {
            return bytes;
        }

        @Override
        public byte[] withData(byte[] changed) {
            return changed;
        }

        @Override
        public byte[] copyWithData(byte[] changed) {
            return changed;
        }
    }
}
