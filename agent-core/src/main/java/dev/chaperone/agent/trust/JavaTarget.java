// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Each JDK: its {@code cacerts}, as {@code keytool -cacerts -importcert} changes it (JDK tool
 * specification, keytool). Only one that lies in the person's home: the others belong to the
 * machine, and a variable such as {@code JAVA_TOOL_OPTIONS} would change every Java program and
 * print a line into its output.
 */
final class JavaTarget implements TrustTarget {
    private static final String SCRIPT =
            """
            public class Probe {
                public static void main(String[] args) throws Exception {
                    try (java.io.InputStream in = new java.net.URL(args[0]).openStream()) {
                        in.transferTo(System.out);
                    }
                }
            }
            """;

    /** Where version managers and IDEs put JDKs, below the home; then the machine's. */
    private static final List<String> OWN =
            List.of(
                    ".sdkman/candidates/java",
                    ".jdks",
                    ".gradle/jdks",
                    ".asdf/installs/java",
                    ".local/share/mise/installs/java",
                    ".jenv/versions");

    private static final List<String> MACHINE = List.of("/usr/lib/jvm", "/opt/java");

    @Override
    public String name() {
        return "java";
    }

    @Override
    public List<Path> programs(Person person) {
        Set<Path> homes = new LinkedHashSet<>();
        person.variable("JAVA_HOME").map(Path::of).ifPresent(homes::add);
        person.program("java").flatMap(JavaTarget::home).ifPresent(homes::add);
        OWN.forEach(place -> homes.addAll(below(person.home().resolve(place))));
        MACHINE.forEach(place -> homes.addAll(below(Path.of(place))));
        Set<Path> real = new LinkedHashSet<>();
        for (Path home : homes) {
            try {
                if (Files.isExecutable(home.resolve("bin/java")) && store(home).isPresent()) {
                    real.add(home.toRealPath().resolve("bin/java"));
                }
            } catch (IOException e) {
                // A link to nothing is no JDK.
            }
        }
        return List.copyOf(real);
    }

    private static Optional<Path> home(Path java) {
        try {
            return Optional.ofNullable(java.toRealPath().getParent())
                    .map(bin -> bin.resolve("..").normalize());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static List<Path> below(Path place) {
        if (!Files.isDirectory(place)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(place)) {
            return all.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<Path> store(Path home) {
        return Stream.of("lib/security/cacerts", "jre/lib/security/cacerts")
                .map(home::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Path store(Person person, Path program) throws TrustException {
        return home(program)
                .flatMap(JavaTarget::store)
                .orElseThrow(() -> new TrustException(person.shown(program) + " has no cacerts"));
    }

    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question)
            throws IOException {
        Path script = Files.writeString(question.scratch().resolve("Probe.java"), SCRIPT);
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.add("-Dhttps.proxyHost=" + question.proxyHost());
        command.add("-Dhttps.proxyPort=" + question.proxyPort());
        command.add("-XX:TieredStopAtLevel=1");
        command.add(script.toString()); // JEP 330: compiled and run at once, JDK 11 and newer
        command.add(question.url());
        return Optional.of(new Probe(command, Map.of()));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        Path store = store(person, program).toRealPath();
        if (!store.startsWith(person.home().toRealPath())) {
            return Repair.refused(
                    store
                            + " belongs to the machine: the installed package adds the root there; or, as root:"
                            + " keytool -importcert -cacerts -alias chaperone -file ca.pem");
        }
        return Repair.file(store, new RootInKeyStore(folder.rootPem()));
    }
}
