// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

import java.util.ArrayList;
import java.util.List;

/** Messages that hold several records. */
public final class Records {
    /** SignalR's record separator (ASP.NET Core hub protocol, JSON encoding). */
    public static final byte SEPARATOR = 0x1e;

    private Records() {}

    /** Where a record stands in its message. */
    public record Span(int start, int end) {}

    /** The records of a SignalR message, without their separators; empty ones left out. */
    public static List<Span> spans(byte[] message) {
        List<Span> records = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= message.length; i++) {
            if (i == message.length || message[i] == SEPARATOR) {
                if (i > start) {
                    records.add(new Span(start, i));
                }
                start = i + 1;
            }
        }
        return records;
    }
}
