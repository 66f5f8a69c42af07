// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows of DESIGN §3 and the rules of ENGINEERING §9, said aloud. */
class ArchitectureTest {
    private static final JavaClasses OURS =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.chaperone");

    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    @Test
    void arrowsPointInward() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.chaperone..")
                .layer("model")
                .definedBy("dev.chaperone.model..")
                .layer("pki")
                .definedBy("dev.chaperone.pki..")
                .layer("detection")
                .definedBy("dev.chaperone.detection..")
                .layer("policies")
                .definedBy("dev.chaperone.policies..")
                .layer("inspector")
                .definedBy("dev.chaperone.inspector..")
                .layer("installer")
                .definedBy("dev.chaperone.installer..")
                .layer("agent")
                .definedBy("dev.chaperone.agent..")
                .layer("server")
                .definedBy("dev.chaperone.server..")
                .layer("ui")
                .definedBy("dev.chaperone.ui..")
                .whereLayer("ui")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("agent")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("server")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("installer")
                .mayOnlyBeAccessedByLayers("agent")
                .whereLayer("inspector")
                .mayOnlyBeAccessedByLayers("agent")
                .whereLayer("detection")
                .mayOnlyBeAccessedByLayers("agent")
                .whereLayer("policies")
                .mayOnlyBeAccessedByLayers("agent", "server")
                .whereLayer("pki")
                .mayOnlyBeAccessedByLayers("inspector", "agent", "server")
                .check(OURS);
    }

    /** An import that found nothing would pass every rule. */
    @Test
    void everyModuleWithAPomWasImported() throws IOException {
        try (Stream<Path> folders = Files.list(ROOT)) {
            List<String> modules =
                    folders.filter(f -> Files.exists(f.resolve("pom.xml")))
                            .map(f -> f.getFileName().toString())
                            .toList();
            assertThat(modules)
                    .contains(
                            "model",
                            "pki",
                            "detection",
                            "policies",
                            "tls-inspector",
                            "installer",
                            "agent-core",
                            "server",
                            "ui");
            for (String module : modules) {
                String name =
                        switch (module) {
                            case "tls-inspector" -> "inspector";
                            case "agent-core" -> "agent";
                            default -> module;
                        };
                assertThat(
                                OURS.stream()
                                        .filter(c ->
                                                c.getPackageName()
                                                        .startsWith("dev.chaperone." + name)))
                        .as(module)
                        .isNotEmpty();
            }
        }
    }

    @Test
    void valuesAndEnginesDoNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.chaperone.model..",
                        "dev.chaperone.pki..",
                        "dev.chaperone.detection..",
                        "dev.chaperone.policies..",
                        "dev.chaperone.inspector.catalogue..",
                        "dev.chaperone.inspector.framing..",
                        "dev.chaperone.inspector.body..")
                .and() // a place, not a file: both ends of the socket must find it alike
                .doNotHaveFullyQualifiedName("dev.chaperone.model.ipc.IpcPath")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.nio.file..", "java.net.http..", "java.sql..", "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.System$Logger")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .check(OURS);
    }

    @Test
    void nobodyPrintsPastTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.chaperone.agent.cli..",
                        "dev.chaperone.agent.demo..",
                        "dev.chaperone.server.cli..",
                        "dev.chaperone.ui.launcher..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(OURS);
    }

    @Test
    void nobodyUsesTheOldLoggerOrThreadLocals() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.ThreadLocal")
                .check(OURS);
    }

    @Test
    void everyPackageIsNullMarked() {
        classes()
                .that()
                .haveSimpleName("package-info")
                .should()
                .beAnnotatedWith("org.jspecify.annotations.NullMarked")
                .check(OURS);
        List<String> packages =
                OURS.stream().map(c -> c.getPackageName()).distinct().sorted().toList();
        List<String> described =
                OURS.stream()
                        .filter(c -> c.getSimpleName().equals("package-info"))
                        .map(c -> c.getPackageName())
                        .distinct()
                        .sorted()
                        .toList();
        assertThat(described).isEqualTo(packages);
    }
}
