// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import dev.chaperone.inspector.tls.UpstreamTrust;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the changed settings lead to: certificate bundles, and the variables of new terminals. In
 * the person's state folder (XDG Base Directory Specification 0.8), mode 0700, wholly removed by
 * undo.
 *
 * <p>A bundle that stands for the system's holds the system's certificates and our root; one that
 * stands for a person's own holds theirs and our root, nothing that they had left out. Both are
 * made anew when what they were made of changed.
 */
final class TrustFolder {
    /** Our root alone, for settings that add to a store. */
    static final String ROOT = "root.pem";

    /** The system's certificates and our root, for settings that replace a store. */
    static final String BUNDLE = "bundle.pem";

    private static final String MADE_FOLDERS = "made-folders";
    private static final String SOURCES = "sources";
    private static final String VARIABLES = "variables";

    private final Path folder;
    private final String rootPem;

    TrustFolder(Path folder, String rootPem) {
        this.folder = folder;
        this.rootPem = rootPem;
    }

    static Path of(Path home, Map<String, String> environment) {
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        Path base = state.isBlank() ? home.resolve(".local/state") : Path.of(state);
        return base.resolve("chaperone/trust");
    }

    Path path() {
        return folder;
    }

    Path ledger() {
        return folder.resolve("ledger");
    }

    String rootPem() {
        return rootPem;
    }

    boolean exists() {
        return Files.isDirectory(folder);
    }

    /** Makes the folder with root and bundle; remembers which folders that took. */
    void make() throws IOException {
        List<String> made = DurableFile.missing(folder).stream().map(Path::toString).toList();
        DurableFile.makeFolders(folder);
        if (!made.isEmpty()) {
            write(MADE_FOLDERS, String.join("\n", made));
        }
        refresh();
    }

    /**
     * The bundle for a setting.
     *
     * @param name of the setting's tool
     * @param theirs the person's own bundle there, if there is one
     * @param adds whether the setting adds to the tool's store instead of replacing it
     */
    Path bundle(String name, Optional<Path> theirs, boolean adds) throws IOException {
        if (theirs.isEmpty()) {
            return folder.resolve(adds ? ROOT : BUNDLE);
        }
        if (theirs.get().startsWith(folder)) {
            return theirs.get();
        }
        Properties sources = read(SOURCES);
        sources.setProperty(name + ".pem", theirs.get().toAbsolutePath().toString());
        write(SOURCES, text(sources));
        refresh();
        return folder.resolve(name + ".pem");
    }

    /** Bundles that are not what they would be if they were made now. */
    List<Path> stale() throws IOException {
        List<Path> stale = new ArrayList<>();
        for (Map.Entry<String, String> made : contents().entrySet()) {
            Path file = folder.resolve(made.getKey());
            if (!Files.exists(file)
                    || !Files.readString(file, StandardCharsets.ISO_8859_1)
                            .equals(made.getValue())) {
                stale.add(file);
            }
        }
        return stale;
    }

    /** Makes stale bundles anew. */
    void refresh() throws IOException {
        Map<String, String> contents = contents();
        for (Path file : stale()) {
            write(
                    String.valueOf(file.getFileName()),
                    contents.getOrDefault(String.valueOf(file.getFileName()), ""));
        }
    }

    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        contents.put(ROOT, rootPem);
        Optional<Path> system = UpstreamTrust.systemBundle();
        if (system.isPresent()) {
            contents.put(BUNDLE, joined(system.get(), rootPem));
        }
        Properties sources = read(SOURCES);
        for (String name : sources.stringPropertyNames()) {
            Path theirs = Path.of(sources.getProperty(name));
            if (Files.isReadable(theirs)) {
                contents.put(name, joined(theirs, rootPem));
            }
        }
        return contents;
    }

    /** A bundle's text with our root behind it. */
    static String joined(Path bundle, String rootPem) throws IOException {
        String theirs = Files.readString(bundle, StandardCharsets.ISO_8859_1);
        return theirs + (theirs.endsWith("\n") ? "" : "\n") + "# Chaperone\n" + rootPem;
    }

    /** Variables that new terminals get. */
    Map<String, String> variables() throws IOException {
        Map<String, String> all = new TreeMap<>();
        Properties kept = read(VARIABLES);
        kept.stringPropertyNames().forEach(n -> all.put(n, kept.getProperty(n)));
        return all;
    }

    /** Sets the variables of new terminals and writes what the shells read. */
    void setVariables(Map<String, String> all) throws IOException {
        Properties kept = new Properties();
        kept.putAll(all);
        write(VARIABLES, text(kept));
        StringBuilder posix = new StringBuilder();
        StringBuilder fish = new StringBuilder();
        all.forEach((name, value) -> {
            // A bundle that is gone must not leave a tool without any certificate.
            String quoted = Shell.SH.quote(value);
            posix.append("[ -r ").append(quoted).append(" ] && ");
            posix.append(Shell.SH.export(name, value)).append('\n');
            fish.append("test -r ").append(Shell.FISH.quote(value)).append("; and ");
            fish.append(Shell.FISH.export(name, value)).append('\n');
        });
        posix.append(":\n");
        write("environment.sh", posix.toString());
        write("environment.fish", fish.toString());
    }

    /** Removes the folder and the folders that were made for it. */
    void delete() throws IOException {
        if (!exists()) {
            return;
        }
        Path list = folder.resolve(MADE_FOLDERS);
        List<String> made =
                Files.exists(list) ? Files.readAllLines(list, StandardCharsets.UTF_8) : List.of();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.toList().reversed()) {
                Files.deleteIfExists(p);
            }
        }
        UndoLedger.deleteEmpty(made);
    }

    private Properties read(String name) throws IOException {
        Properties properties = new Properties();
        Path file = folder.resolve(name);
        if (Files.exists(file)) {
            properties.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
        }
        return properties;
    }

    private static String text(Properties properties) throws IOException {
        StringWriter out = new StringWriter();
        properties.store(out, null);
        return out.toString();
    }

    private void write(String name, String text) throws IOException {
        boolean pem = name.endsWith(".pem");
        DurableFile.write(
                folder.resolve(name),
                text.getBytes(pem ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8));
    }
}
