// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonReader;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Source;
import java.util.List;

/** Reads a file of recorded traffic. */
public final class CaptureReader {
    private CaptureReader() {}

    /**
     * The exchanges of a HAR file or a fixture, in order.
     *
     * @param name the file's name, for ids
     */
    public static List<CapturedExchange> read(byte[] file, String name)
            throws CaptureFormatException {
        JsonValue document;
        try {
            document = JsonReader.read(file, Source.DETACHED);
        } catch (BodyFormatException _) {
            throw new CaptureFormatException("not JSON; expected a HAR 1.2 file or a fixture");
        }
        if (document instanceof JsonObject root) {
            if (root.get("log") instanceof JsonObject log
                    && log.get("entries") instanceof JsonArray entries) {
                return HarReader.read(entries, name);
            }
            if (root.get("request") instanceof JsonObject) {
                return List.of(FixtureReader.read(root, name));
            }
        }
        throw new CaptureFormatException(
                "neither a HAR 1.2 file (log.entries) nor a fixture (request)");
    }
}
