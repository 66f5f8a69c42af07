// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code multipart/form-data} (RFC 7578). */
public final class MultipartReader {
    /**
     * Holds the files: objects of {@code field name mime size} and {@code _content} if readable.
     */
    public static final String FILES = "_files";

    /** The text of a file that is one. */
    public static final String CONTENT = "_content";

    private static final byte[] BLANK_LINE = {'\r', '\n', '\r', '\n'};

    private final byte[] body;
    private final Source source;
    private final JsonObject form = new JsonObject();
    private final JsonArray files = new JsonArray();

    private MultipartReader(byte[] body, Source source) {
        this.body = body;
        this.source = source;
    }

    /**
     * Field names to their values, and {@link #FILES}.
     *
     * @param contentType names the boundary
     */
    public static JsonObject read(byte[] body, String contentType, Source source)
            throws BodyFormatException {
        String boundary = parameter(contentType, "boundary");
        if (boundary == null || boundary.isEmpty()) {
            throw malformed();
        }
        MultipartReader reader = new MultipartReader(body, source);
        reader.parts(("--" + boundary).getBytes(StandardCharsets.ISO_8859_1));
        reader.form.put(FILES, reader.files);
        return reader.form;
    }

    private void parts(byte[] delimiter) throws BodyFormatException {
        int at = find(delimiter, 0);
        if (at < 0) {
            throw malformed();
        }
        while (true) {
            int start = at + delimiter.length;
            if (start + 1 < body.length && body[start] == '-' && body[start + 1] == '-') {
                return;
            }
            int headers = find(new byte[] {'\r', '\n'}, start) + 2;
            int blank = find(BLANK_LINE, headers - 2);
            int next = find(delimiter, start);
            if (headers < 2 || blank < 0 || next < 0 || blank > next) {
                throw malformed();
            }
            int content = Math.min(blank + 4, next);
            part(headers, blank, content, Math.max(content, next - 2));
            at = next;
        }
    }

    private void part(int headersStart, int headersEnd, int start, int end)
            throws BodyFormatException {
        String name = null;
        String file = null;
        String mime = null;
        String[] lines =
                new String(
                                body,
                                headersStart,
                                Math.max(0, headersEnd - headersStart),
                                StandardCharsets.UTF_8)
                        .split("\r\n");
        for (String line : lines) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-disposition:")) {
                name = parameter(line, "name");
                file = parameter(line, "filename");
            } else if (lower.startsWith("content-type:")) {
                mime = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        if (file == null) {
            if (!Utf8.isValid(body, start, end)) {
                throw new BodyFormatException(BodyFormatException.Reason.NOT_UTF8);
            }
            FormReader.put(form, name == null ? "" : name, new RawText(body, start, end, source));
            return;
        }
        JsonObject entry = new JsonObject();
        if (name != null) {
            entry.add("field", new PlainText(name));
        }
        entry.add("name", new PlainText(file));
        if (mime != null) {
            entry.add("mime", new PlainText(mime));
        }
        entry.add("size", JsonScalar.number(Integer.toString(end - start)));
        if (RawText.fits(body, start, end)) {
            entry.add(CONTENT, new RawText(body, start, end, source));
        }
        files.elements().add(entry);
    }

    private int find(byte[] needle, int from) {
        outer:
        for (int i = Math.max(0, from); i <= body.length - needle.length; i++) {
            for (int k = 0; k < needle.length; k++) {
                if (body[i + k] != needle[k]) {
                    continue outer;
                }
            }
            return i;
        }
        return -1;
    }

    /** A parameter of a header line (RFC 9110 §5.6.6), unquoted; or null. */
    static @Nullable String parameter(String header, String name) {
        String lower = header.toLowerCase(Locale.ROOT);
        int at = 0;
        while (true) {
            at = lower.indexOf(name + "=", at);
            if (at < 0) {
                return null;
            }
            if (at > 0 && (lower.charAt(at - 1) == ';' || lower.charAt(at - 1) == ' ')) {
                break;
            }
            at++;
        }
        int start = at + name.length() + 1;
        if (start >= header.length() || header.charAt(start) != '"') {
            int end = header.indexOf(';', start);
            return header.substring(start, end < 0 ? header.length() : end).strip();
        }
        StringBuilder value = new StringBuilder();
        for (int i = start + 1; i < header.length() && header.charAt(i) != '"'; i++) {
            if (header.charAt(i) == '\\' && i + 1 < header.length()) {
                i++;
            }
            value.append(header.charAt(i));
        }
        return value.toString();
    }

    private static BodyFormatException malformed() {
        return new BodyFormatException(BodyFormatException.Reason.MALFORMED);
    }
}
