// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A root with a loader's cache as glibc 2.36 writes it, as far as it is read. */
class SystemLibrariesTest {
    private static final String GTK = "usr/lib/x86_64-linux-gnu/libgtk-3.so.0";
    private static final String XTST = "usr/lib/x86_64-linux-gnu/libXtst.so.6";

    private @TempDir Path root;

    @BeforeEach
    void cache() throws IOException {
        put(
                "etc/ld.so.cache",
                "glibc-ld.so.cache1.1\3\0\1\0libc.so.6\0/lib/libc.so.6\0libgtk-3.so.0\0/"
                        + GTK
                        + "\0libXtst.so.6\0/"
                        + XTST
                        + "\0");
    }

    private void put(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content, StandardCharsets.ISO_8859_1);
    }

    @Test
    void allThatTheCacheKnowsAndThatLiesThereIsEnough() throws Exception {
        put(GTK, "");
        put(XTST, "");
        assertThat(SystemLibraries.missing(root, Map.of())).isEmpty();
    }

    @Test
    void removedSinceTheCacheWasWrittenIsMissing() throws Exception {
        put(XTST, "");
        assertThat(SystemLibraries.missing(root, Map.of()))
                .hasValueSatisfying(
                        said -> assertThat(said).contains("libgtk-3.so.0", "libgtk-3-0", "gtk3"));
        put(GTK, "");
        Files.delete(root.resolve(XTST));
        assertThat(SystemLibraries.missing(root, Map.of()))
                .hasValueSatisfying(said -> assertThat(said).contains("libXtst.so.6", "libxtst6"));
    }

    @Test
    void whereTheEnvironmentAndTheSystemLookCountsToo() throws Exception {
        put("opt/gtk/libgtk-3.so.0", "");
        put("usr/lib64/libXtst.so.6", "");
        assertThat(SystemLibraries.missing(root, Map.of("LD_LIBRARY_PATH", "lib:/opt/gtk")))
                .isEmpty();
        assertThat(SystemLibraries.missing(root, Map.of())).isPresent();
    }

    @Test
    void withoutACacheItIsLeftToTry() throws Exception {
        Files.delete(root.resolve("etc/ld.so.cache"));
        assertThat(SystemLibraries.missing(root, Map.of())).isEmpty();
    }
}
