// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

import java.nio.charset.StandardCharsets;

/** Reads server-sent events (WHATWG HTML §9.2.6) from bytes cut anywhere. One thread. */
public final class SseDecoder {
    /** Takes one event. */
    public interface Sink {
        /**
         * @param name the event field, or empty
         * @param data the data fields, joined with LF
         */
        void event(String name, String data);
    }

    private final LineDecoder lines;
    private final int maxEvent;
    private final Sink sink;
    private final StringBuilder data = new StringBuilder();
    private String name = "";
    private boolean hasData;
    private boolean first = true;
    private boolean overflown;

    /**
     * @param maxEvent events with more data are dropped, chars
     */
    public SseDecoder(int maxEvent, Sink sink) {
        this.maxEvent = maxEvent;
        this.sink = sink;
        this.lines = new LineDecoder(maxEvent, this::line);
    }

    public void feed(byte[] bytes, int offset, int length) {
        lines.feed(bytes, offset, length);
    }

    /** Gives out an event whose blank line never came. */
    public void end() {
        byte[] rest = lines.rest();
        if (rest.length > 0) {
            lines.feed(new byte[] {'\n'}, 0, 1);
        }
        dispatch();
    }

    /** True when an event was dropped for its size. */
    public boolean isOverflown() {
        return overflown || lines.isOverflown();
    }

    private void line(byte[] bytes) {
        String line = new String(bytes, StandardCharsets.UTF_8);
        if (first) {
            first = false;
            if (line.startsWith("\uFEFF")) {
                line = line.substring(1);
            }
        }
        if (line.isEmpty()) {
            dispatch();
            return;
        }
        int colon = line.indexOf(':');
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + 1);
        if (value.startsWith(" ")) {
            value = value.substring(1);
        }
        switch (field) {
            case "data" -> {
                if (data.length() + value.length() > maxEvent) {
                    overflown = true;
                    return;
                }
                if (hasData) {
                    data.append('\n');
                }
                hasData = true;
                data.append(value);
            }
            case "event" -> name = value;
            default -> {}
        }
    }

    private void dispatch() {
        if (hasData) {
            String complete = data.toString();
            String of = name;
            data.setLength(0);
            hasData = false;
            name = "";
            sink.event(of, complete);
        } else {
            name = "";
        }
    }
}
