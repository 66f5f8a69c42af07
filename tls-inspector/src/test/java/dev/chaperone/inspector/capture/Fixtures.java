// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonReader;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The project's fixtures: authored exchanges with what has to be read of them. */
public final class Fixtures {
    /** Exchanges in notations that are built later: Connect, AWS event stream, Google lengths. */
    public static final Set<String> NOT_BUILT =
            Set.of(
                    "amazon-q/generate",
                    "bedrock/converse-stream",
                    "bedrock/invoke-stream",
                    "cursor/chat",
                    "gemini-web/stream-generate",
                    "kimi/chat",
                    "windsurf/chat");

    public static final Catalogue CATALOGUE = Catalogue.compile(CatalogueLoader.shipped());

    private static final Path FOLDER = Path.of("src/test/resources/wire");

    private Fixtures() {}

    public static List<Path> files() {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The fixtures of the notations that are built. */
    public static List<Path> built() {
        return files().stream().filter(f -> !NOT_BUILT.contains(id(f))).toList();
    }

    public static String id(Path file) {
        return FOLDER.relativize(file).toString().replace(".json", "");
    }

    public static JsonObject document(Path file) {
        try {
            return (JsonObject) JsonReader.read(Files.readAllBytes(file), Source.DETACHED);
        } catch (IOException | BodyFormatException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }

    public static CapturedExchange read(Path file) {
        try {
            return CaptureReader.read(Files.readAllBytes(file), file.toString()).getFirst();
        } catch (IOException | CaptureFormatException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }
}
