// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents that say what the source says. */
class DocumentsTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final List<String> MODULES =
            List.of(
                    "model",
                    "pki",
                    "detection",
                    "policies",
                    "tls-inspector",
                    "agent-core",
                    "server",
                    "ui");
    private static final Pattern CODE = Pattern.compile("CHP-[A-Z]+-\\d{3}");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

    private static List<Path> sources() throws IOException {
        List<Path> all = new java.util.ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                files.filter(f -> f.toString().endsWith(".java")).forEach(all::add);
            }
        }
        return all;
    }

    private static Set<String> find(Pattern pattern, String text) {
        TreeSet<String> found = new TreeSet<>();
        Matcher m = pattern.matcher(text);
        while (m.find()) {
            found.add(m.group(m.groupCount()));
        }
        return found;
    }

    @Test
    void everyErrorCodeIsExplained() throws IOException {
        TreeSet<String> used = new TreeSet<>();
        for (Path source : sources()) {
            used.addAll(find(CODE, Files.readString(source)));
        }
        assertThat(used).hasSizeGreaterThan(15);
        assertThat(find(CODE, wholeCodes(Files.readString(ROOT.resolve("docs/errors.md")))))
                .isEqualTo(used);
    }

    /** Writes out what the page shortens: {@code CHP-X-001, -002}. */
    private static String wholeCodes(String page) {
        String whole = page;
        String before;
        do {
            before = whole;
            whole = whole.replaceAll("(CHP-[A-Z]+)(-\\d{3}), -(\\d{3})", "$1$2 $1-$3");
        } while (!whole.equals(before));
        return whole;
    }

    @Test
    void everyLinkOfTheFrontPageLeadsSomewhere() throws IOException {
        Set<String> links = find(LINK, Files.readString(ROOT.resolve("README.md")));
        assertThat(links)
                .hasSizeGreaterThan(15)
                .allSatisfy(link -> assertThat(ROOT.resolve(link)).exists());
    }

    @Test
    void everyModuleHasAShortReadme() throws IOException {
        try (Stream<Path> folders = Files.list(ROOT)) {
            List<Path> modules =
                    folders.filter(Files::isDirectory)
                            .filter(f -> !f.getFileName().toString().startsWith("."))
                            .filter(f -> !f.getFileName().toString().equals("docs"))
                            .filter(f -> !f.getFileName().toString().equals("target"))
                            .toList();
            assertThat(modules).hasSizeGreaterThan(10);
            for (Path module : modules) {
                assertThat(Files.readAllLines(module.resolve("README.md")))
                        .as(module.toString())
                        .hasSizeLessThanOrEqualTo(60);
            }
        }
    }

    @Test
    void everyShippedLibraryIsInTheNotices() throws IOException {
        String notices = Files.readString(ROOT.resolve("docs/third-party-notices.md"));
        for (String part : List.of("agent-core", "server", "ui")) {
            try (Stream<Path> jars = Files.list(ROOT.resolve(part).resolve("target/lib"))) {
                List<String> libraries =
                        jars.map(j -> j.getFileName().toString())
                                .filter(n -> n.endsWith(".jar") && !n.startsWith("chaperone-"))
                                .toList();
                assertThat(libraries).hasSizeGreaterThan(10);
                assertThat(libraries)
                        .allSatisfy(jar -> assertThat(notices).contains("`" + jar + "`"));
            }
        }
    }

    @Test
    void everyDecisionHasContextDecisionAndConsequence() throws IOException {
        try (Stream<Path> records = Files.list(ROOT.resolve("docs/adr"))) {
            List<Path> all = records.toList();
            assertThat(all).hasSizeGreaterThan(4);
            for (Path record : all) {
                assertThat(Files.readString(record))
                        .as(record.toString())
                        .containsIgnoringCase("context")
                        .containsIgnoringCase("decision")
                        .containsIgnoringCase("consequence");
            }
        }
    }
}
