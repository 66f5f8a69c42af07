// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.MultipartReader;
import dev.chaperone.inspector.body.RawText;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.model.prompt.Attachment;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Origin;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what goes with a prompt; text files become segments, others are counted as unread. */
final class AttachmentReader {
    private final SegmentList segments;
    private final Scope scope;
    private final List<Attachment> attachments = new ArrayList<>();
    private final List<NotInspected> unread = new ArrayList<>();

    AttachmentReader(SegmentList segments, Scope scope) {
        this.segments = segments;
        this.scope = scope;
    }

    List<Attachment> attachments() {
        return attachments;
    }

    List<NotInspected> unread() {
        return unread;
    }

    void read(CompiledRequest.Attachments facts, JsonValue document) {
        for (JsonValue each : facts.each().select(document, scope)) {
            if (each instanceof JsonScalar scalar && scalar.isNull()) {
                continue;
            }
            String mime = Path.firstValue(facts.mime(), each, scope);
            String url = Path.firstValue(facts.url(), each, scope);
            Long size = facts.size() == null ? null : number(facts.size(), each);
            Text data = facts.data() == null ? null : text(List.of(facts.data()), each);
            if (data != null) {
                size = base64(data, 0);
            }
            Text dataUrl = text(facts.dataUrl(), each);
            if (dataUrl != null) {
                DataUrl parsed = DataUrl.of(dataUrl.value());
                if (parsed == null) {
                    url = url == null ? dataUrl.value() : url;
                } else {
                    mime = parsed.mime().isEmpty() ? mime : parsed.mime();
                    size =
                            parsed.base64()
                                    ? base64(dataUrl, parsed.start())
                                    : Long.valueOf(dataUrl.value().length() - parsed.start());
                }
            }
            add(
                    new Attachment(
                            Path.firstValue(facts.name(), each, scope),
                            mime,
                            Path.firstValue(facts.id(), each, scope),
                            url,
                            size));
            content(each);
        }
    }

    private void add(Attachment a) {
        boolean empty =
                a.name() == null
                        && a.mime() == null
                        && a.id() == null
                        && a.url() == null
                        && a.size() == null;
        if (!empty) {
            attachments.add(a);
        }
    }

    /** The text of a file that came as bytes of the body itself. */
    private void content(JsonValue each) {
        if (each instanceof JsonObject file
                && file.get(MultipartReader.CONTENT) instanceof Text text) {
            segments.add(text, Origin.FILE);
        }
    }

    /** Counts the files of a body that are no text, declared or not. */
    void countUnread(JsonValue root) {
        if (root instanceof JsonObject object) {
            countUnread(object, object.get(BodyDecoder.RAW_SIZE));
            if (object.get(MultipartReader.FILES) instanceof JsonArray files) {
                for (JsonValue value : files.elements()) {
                    if (value instanceof JsonObject file) {
                        countUnread(file, file.get("size"));
                    }
                }
            }
        }
    }

    private void countUnread(JsonObject file, @Nullable JsonValue size) {
        boolean read = file.get(MultipartReader.CONTENT) != null;
        if (!read && size instanceof JsonScalar bytes && !bytes.raw().equals("0")) {
            unread(Long.parseLong(bytes.raw()));
        }
    }

    private void unread(long bytes) {
        unread.add(
                new NotInspected(NotInspected.Reason.UNREADABLE, Codes.ATTACHMENT_NOT_READ, bytes));
    }

    /** The size of what stands in base64; text becomes a segment. */
    private @Nullable Long base64(Text data, int start) {
        segments.leaveOut(data);
        String encoded = data.value();
        byte[] bytes = DataUrl.decode(encoded, start);
        if (bytes == null) {
            unread(encoded.length() - start);
            return null;
        }
        if (RawText.fits(bytes, 0, bytes.length)) {
            Source source = new Source.InBase64(data, start, bytes);
            segments.add(new RawText(bytes, 0, bytes.length, source), Origin.FILE);
        } else if (bytes.length > 0) {
            unread(bytes.length);
        }
        return (long) bytes.length;
    }

    private @Nullable Text text(List<Path> paths, JsonValue each) {
        for (Path path : paths) {
            for (JsonValue value : path.select(each, scope)) {
                if (value instanceof Text text && !text.value().isEmpty()) {
                    return text;
                }
            }
        }
        return null;
    }

    private @Nullable Long number(Path path, JsonValue each) {
        String value = path.firstValue(each, scope);
        try {
            return value == null ? null : Long.valueOf(value);
        } catch (NumberFormatException _) {
            return null;
        }
    }

    /**
     * A {@code data:} URL (RFC 2397).
     *
     * @param mime media type without parameters, or empty
     * @param base64 how the data is encoded
     * @param start where the data begins
     */
    record DataUrl(String mime, boolean base64, int start) {
        static @Nullable DataUrl of(String url) {
            if (!url.startsWith("data:")) {
                return null;
            }
            int comma = url.indexOf(',');
            if (comma < 0 || comma > 512) {
                return null;
            }
            String head = url.substring(5, comma);
            int semicolon = head.indexOf(';');
            return new DataUrl(
                    semicolon < 0 ? head : head.substring(0, semicolon),
                    head.endsWith(";base64"),
                    comma + 1);
        }

        /** The bytes, or null when it is no base64. */
        static byte @Nullable [] decode(String encoded, int start) {
            String text = start == 0 ? encoded : encoded.substring(start);
            try {
                boolean url = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
                return (url ? Base64.getUrlDecoder() : Base64.getMimeDecoder()).decode(text);
            } catch (IllegalArgumentException _) {
                return null;
            }
        }
    }

    /** True when there is something that could be an attachment. */
    static boolean isContainer(JsonValue value) {
        return value instanceof JsonObject || value instanceof JsonArray;
    }
}
