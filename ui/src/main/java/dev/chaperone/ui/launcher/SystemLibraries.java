// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What JavaFX needs of a Linux system, looked up and not loaded: a toolkit in memory is more than a
 * tray is to cost. glibc's loader looks into {@code LD_LIBRARY_PATH}, then its cache, then the
 * system's folders (ld.so(8)).
 */
final class SystemLibraries {
    /** Of libglassgtk3.so; what they need themselves comes with their packages. */
    private static final List<Library> NEEDED =
            List.of(
                    new Library("libgtk-3.so.0", "Debian, Ubuntu: libgtk-3-0; Fedora: gtk3"),
                    new Library("libXtst.so.6", "Debian, Ubuntu: libxtst6; Fedora: libXtst"));

    private static final List<String> FOLDERS = List.of("lib64", "usr/lib64", "lib", "usr/lib");

    /**
     * @param packages by whose installation it comes
     */
    private record Library(String name, String packages) {}

    private SystemLibraries() {}

    /**
     * The first that is not there, and how to get it.
     *
     * @param root of the file system, {@code /} but for tests
     * @return empty when all are there, or when this is not a system with glibc's cache, which is
     *     left to try
     */
    static Optional<String> missing(Path root, Map<String, String> environment) {
        String cache;
        try {
            // Names and paths lie in it as they are, each ended by a NUL.
            cache = Files.readString(root.resolve("etc/ld.so.cache"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return Optional.empty();
        }
        return NEEDED.stream()
                .filter(library -> !isThere(library.name(), root, environment, cache))
                .findFirst()
                .map(library ->
                        library.name() + " is missing; install it (" + library.packages() + ")");
    }

    private static boolean isThere(
            String name, Path root, Map<String, String> environment, String cache) {
        Stream<Path> named =
                Stream.of(environment.getOrDefault("LD_LIBRARY_PATH", "").split(":"))
                        .filter(folder -> folder.startsWith("/"))
                        .map(folder -> root.resolve(folder.substring(1)));
        Stream<Path> usual = FOLDERS.stream().map(root::resolve);
        return Stream.concat(
                        Stream.concat(named, usual).map(folder -> folder.resolve(name)),
                        cached(name, root, cache))
                .anyMatch(Files::exists);
    }

    /** The paths under which the cache knows it; it may be older than what lies there. */
    private static Stream<Path> cached(String name, Path root, String cache) {
        Stream.Builder<Path> paths = Stream.builder();
        String end = "/" + name + "\0";
        for (int at = cache.indexOf(end); at >= 0; at = cache.indexOf(end, at + 1)) {
            int begin = cache.lastIndexOf('\0', at) + 1;
            String path = cache.substring(begin, at) + "/" + name;
            if (path.startsWith("/")) {
                paths.add(root.resolve(path.substring(1)));
            }
        }
        return paths.build();
    }
}
