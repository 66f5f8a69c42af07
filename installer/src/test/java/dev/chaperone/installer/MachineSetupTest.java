// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.installer.linux.FirefoxPolicies;
import dev.chaperone.installer.linux.JavaKeystores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

final class MachineSetupTest {
    private static final MachineSettings SETTINGS =
            new MachineSettings(List.of(), "http://127.0.0.1:8421/proxy.pac");

    @TempDir Path root;
    private final FakeCommands commands = new FakeCommands("refresh");
    private Path ledger = Path.of("");

    @BeforeEach
    void machine() throws IOException {
        ledger = root.resolve("ledger");
        Files.createDirectories(root.resolve("etc/there"));
        Files.writeString(root.resolve("etc/passwd"), "");
        Files.writeString(
                root.resolve("etc/there/shared.json"), "{ \"theirs\" : 1 ,\n\"both\":\"old\"}");
    }

    private MachineSetup setup(Step... steps) {
        return new MachineSetup(new Machine(root, commands), ledger, List.of(steps));
    }

    private record TestStep(String name, Apply body) implements Step {
        interface Apply {
            void to(Changes changes) throws StepException, IOException;
        }

        @Override
        public String apply(Machine machine, MachineSettings settings, Changes changes)
                throws StepException, IOException {
            body.to(changes);
            return "";
        }
    }

    private static Step step(TestStep.Apply body) {
        return new TestStep("step", body);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonKeys ours() {
        return new JsonKeys(
                "/etc/there/shared.json",
                Map.of(
                        "/a/b", JsonNodeFactory.instance.booleanNode(true),
                        "/both", JsonNodeFactory.instance.stringNode("new")));
    }

    /** Every file below the root but the ledger, with its content. */
    private Map<String, String> files() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (var paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                if (!path.startsWith(ledger)) {
                    all.put(
                            root.relativize(path).toString(),
                            Files.isDirectory(path) ? "/" : Files.readString(path));
                }
            }
        }
        return all;
    }

    private Step everything() {
        return step(changes ->
                changes.refreshing(
                        List.of("refresh"),
                        () -> {
                            changes.write("/etc/new/deep/ours.txt", bytes("ours"));
                            changes.write("/etc/there/ours.txt", bytes("ours"));
                            changes.merge("/etc/there/shared.json", ours());
                        }));
    }

    @Test
    void uninstallLeavesWhatWasThereBeforeByteForByte() throws IOException {
        Map<String, String> before = files();
        assertThat(setup(everything()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(files()).containsKey("etc/new/deep/ours.txt").isNotEqualTo(before);
        assertThat(setup(everything()).uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
        assertThat(ledger).doesNotExist();
        assertThat(commands.ran).containsExactly("refresh", "refresh");
    }

    @Test
    void whatAKilledUpdateOfTheBundleHadBegunIsNotAppendedTo() throws IOException {
        FakeCommands debian = new FakeCommands("update-ca-certificates");
        Path begun = root.resolve("etc/ssl/certs/ca-certificates.crt.new");
        Files.createDirectories(begun.getParent());
        Files.writeString(begun, "a root that is gone");
        Machine machine = new Machine(root, debian);
        assertThat(SystemPrograms.run(machine, List.of("update-ca-certificates", "--fresh")).ok())
                .isTrue();
        assertThat(debian.ran).hasSize(2);
        Files.delete(begun);
        assertThat(SystemPrograms.run(machine, List.of("update-ca-certificates", "--fresh")).ok())
                .isTrue();
        assertThat(debian.ran).hasSize(3);
    }

    @Test
    void whatHoldsAlreadyIsLeftAlone() throws IOException {
        MachineSetup setup = setup(everything());
        assertThat(setup.install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        List<UndoLedger.Entry> first = setup.standing();
        assertThat(setup.install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(setup.standing()).isEqualTo(first);
        assertThat(commands.ran).containsExactly("refresh");
    }

    @Test
    void fileThatSomebodyRemovedComesBack() throws IOException {
        MachineSetup setup = setup(everything());
        assertThat(setup.install(SETTINGS)).hasSize(1);
        Files.delete(root.resolve("etc/there/ours.txt"));
        assertThat(setup.install(SETTINGS)).hasSize(1);
        assertThat(root.resolve("etc/there/ours.txt")).hasContent("ours");
        assertThat(commands.ran).hasSize(2);
    }

    @Test
    void othersChangesToASharedFileSurviveTheUndo() throws IOException {
        MachineSetup setup = setup(everything());
        assertThat(setup.install(SETTINGS)).hasSize(1);
        Path shared = root.resolve("etc/there/shared.json");
        Files.writeString(
                shared,
                Files.readString(shared).replace("\"theirs\" : 1", "\"theirs\" : 2, \"more\" : 3"));
        assertThat(setup.uninstall()).isEmpty();
        assertThat(Files.readString(shared))
                .contains("\"theirs\" : 2", "\"more\" : 3", "\"both\" : \"old\"")
                .doesNotContain("\"a\"");
    }

    @Test
    void stepThatFailsIsTakenBackAndHoldsNoOtherUp() throws IOException {
        Map<String, String> before = files();
        Step failing =
                new TestStep(
                        "failing",
                        changes -> {
                            changes.write("/etc/new/half.txt", bytes("half"));
                            throw new StepException("no");
                        });
        assertThat(setup(failing, everything()).install(SETTINGS))
                .extracting(MachineSetup.Outcome::done)
                .containsExactly(false, true);
        assertThat(files()).doesNotContainKey("etc/new/half.txt");
        assertThat(setup(failing, everything()).uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void whatIsNoLongerAskedForIsTakenBackAndTheSystemTold() throws IOException {
        assertThat(setup(everything()).install(SETTINGS)).hasSize(1);
        Step less =
                step(changes ->
                        changes.refreshing(
                                List.of("refresh"),
                                () -> changes.write("/etc/there/ours.txt", bytes("ours"))));
        assertThat(setup(less).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(files()).doesNotContainKey("etc/new").containsKey("etc/there/ours.txt");
        assertThat(commands.ran).hasSize(2);
        assertThat(setup().install(SETTINGS)).isEmpty();
        assertThat(files()).doesNotContainKey("etc/there/ours.txt");
    }

    @Test
    void newContentReplacesTheOldAndOneUndoIsEnough() throws IOException {
        Files.writeString(root.resolve("etc/there/ours.txt"), "somebody else's");
        Map<String, String> before = files();
        for (String version : List.of("one", "two", "three")) {
            Step step = step(c -> c.write("/etc/there/ours.txt", bytes(version)));
            assertThat(setup(step).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
            assertThat(root.resolve("etc/there/ours.txt")).hasContent(version);
        }
        assertThat(setup().uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    /** What no {@code catch} of ours sees: the process is gone. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    @Test
    void killedBetweenAnyTwoChangesTheWayBackAndTheWayOnAreRight() throws IOException {
        Map<String, String> before = files();
        List<TestStep.Apply> changes =
                List.of(
                        c -> c.write("/etc/new/deep/ours.txt", bytes("ours")),
                        c -> c.write("/etc/there/ours.txt", bytes("ours")),
                        c -> c.merge("/etc/there/shared.json", ours()),
                        c -> c.folder("/var/lib/ours"));
        for (int kill = 0; kill <= changes.size(); kill++) {
            int at = kill;
            Step killed =
                    step(c ->
                            c.refreshing(
                                    List.of("refresh"),
                                    () -> {
                                        for (TestStep.Apply change : changes.subList(0, at)) {
                                            change.to(c);
                                        }
                                        throw new Killed();
                                    }));
            Step whole =
                    step(c ->
                            c.refreshing(
                                    List.of("refresh"),
                                    () -> {
                                        for (TestStep.Apply change : changes) {
                                            change.to(c);
                                        }
                                    }));
            assertThatThrownBy(() -> setup(killed).install(SETTINGS)).isInstanceOf(Killed.class);
            assertThat(setup(whole).uninstall()).isEmpty();
            assertThat(files()).as("back after %d changes", kill).isEqualTo(before);

            assertThatThrownBy(() -> setup(killed).install(SETTINGS)).isInstanceOf(Killed.class);
            commands.ran.clear();
            assertThat(setup(whole).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
            assertThat(commands.ran).as("the system is told").containsExactly("refresh");
            assertThat(root.resolve("etc/there/ours.txt")).hasContent("ours");
            assertThat(setup(whole).uninstall()).isEmpty();
            assertThat(files()).as("on after %d changes", kill).isEqualTo(before);
        }
    }

    /** A ledger that was cut off anywhere, on a machine that was not changed yet. */
    @Test
    void everyPrefixOfTheLedgerIsUndone() throws IOException {
        Map<String, String> before = files();
        assertThat(setup(everything()).install(SETTINGS)).hasSize(1);
        byte[] whole = Files.readAllBytes(ledger.resolve("ledger.jsonl"));
        assertThat(setup(everything()).uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
        for (int length = 0; length <= whole.length; length += 7) {
            Files.createDirectories(ledger.resolve("backup"));
            Files.write(ledger.resolve("ledger.jsonl"), java.util.Arrays.copyOf(whole, length));
            assertThat(setup(everything()).uninstall()).as("prefix of %d bytes", length).isEmpty();
            assertThat(files()).as("prefix of %d bytes", length).isEqualTo(before);
            assertThat(ledger).doesNotExist();
        }
    }

    @Test
    void entryThatIsNoneIsNamedAndNothingChanges() throws IOException {
        assertThat(setup(everything()).install(SETTINGS)).hasSize(1);
        Map<String, String> installed = files();
        Path file = ledger.resolve("ledger.jsonl");
        Files.writeString(file, "garbage\n" + Files.readString(file));
        assertThatThrownBy(() -> setup(everything()).uninstall())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ledger.jsonl:1: not an entry");
        assertThat(files()).isEqualTo(installed);
    }

    @Test
    void whatCannotBeTakenBackStaysInTheLedgerForTheNextTry() throws IOException {
        Map<String, String> before = files();
        assertThat(setup(everything()).install(SETTINGS)).hasSize(1);
        commands.failing.add("refresh");
        assertThat(setup(everything()).uninstall())
                .singleElement()
                .satisfies(o -> assertThat(o.detail()).contains("refresh ended 1: no space left"));
        commands.failing.clear();
        assertThat(setup(everything()).uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
        assertThat(ledger).doesNotExist();
    }

    @Test
    void twoAtOnceAreRefused() throws IOException {
        try (UndoLedger taken = UndoLedger.open(ledger)) {
            assertThat(taken.standing()).isEmpty();
            assertThatThrownBy(() -> setup(everything()).install(SETTINGS))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void fileThatIsNotJsonIsLeftAsItIs() throws IOException {
        Path shared = root.resolve("etc/there/shared.json");
        Files.writeString(shared, "// a comment\n{", StandardOpenOption.TRUNCATE_EXISTING);
        Map<String, String> before = files();
        assertThat(setup(everything()).install(SETTINGS))
                .singleElement()
                .satisfies(o ->
                        assertThat(o.detail())
                                .contains("/etc/there/shared.json is not a JSON object"));
        assertThat(files()).isEqualTo(before);
    }

    /** Nothing lies there at the installation; others may come later. */
    private static Step shared() {
        return step(changes -> {
            changes.merge("/etc/new/shared.json", ours());
            changes.merge("/etc/new/profile", new LineKeys("ours", "b", "a\n"));
        });
    }

    @Test
    void sharedFileThatWasNotThereIsMadeAndGoesAgain() throws IOException {
        Map<String, String> before = files();
        assertThat(setup(shared()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(setup(shared()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(files().get("etc/new/shared.json")).contains("\"both\" : \"new\"");
        assertThat(files()).containsEntry("etc/new/profile", "a\nours\n");
        assertThat(setup(shared()).uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void whatSomebodyElseWritesOverASharedFileOfOursIsTheirs() throws IOException {
        assertThat(setup(shared()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        String theirs = "{\"theirs\":1, \"both\": \"theirs too\"}";
        Files.writeString(root.resolve("etc/new/shared.json"), theirs);
        Files.writeString(root.resolve("etc/new/profile"), "a\nb\n");
        Map<String, String> changed = files();
        assertThat(setup(shared()).uninstall()).isEmpty();
        assertThat(files()).as("removed at once").isEqualTo(changed);

        assertThat(setup(shared()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(files().get("etc/new/shared.json"))
                .contains("\"theirs\" : 1", "\"both\" : \"new\"");
        assertThat(files()).containsEntry("etc/new/profile", "a\nours\nb\n");
        assertThat(setup(shared()).uninstall()).isEmpty();
        assertThat(files()).as("after a repair").isEqualTo(changed);
    }

    @Test
    void theirsBetweenInstallationAndRepairComesBackToo() throws IOException {
        assertThat(setup(shared()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        Files.writeString(root.resolve("etc/new/shared.json"), "{\"both\": \"theirs\", \"a\": {}}");
        Map<String, String> changed = files();
        assertThat(setup(shared()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(setup(shared()).uninstall()).isEmpty();
        assertThat(files())
                .containsEntry("etc/new/shared.json", changed.get("etc/new/shared.json"))
                .doesNotContainKey("etc/new/profile");
    }

    @Test
    void fileWrittenWholeByAnOlderVersionBecomesASharedOne() throws IOException {
        Map<String, String> before = files();
        Step older = step(c -> c.write("/etc/new/shared.json", bytes("{\"both\":\"older\"}")));
        assertThat(setup(older).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(setup(shared()).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        assertThat(files().get("etc/new/shared.json")).contains("\"both\" : \"new\"");
        assertThat(setup(shared()).uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void killedBetweenTwoVersionsOfAFileWhatWasThereBeforeBothComesBack() throws IOException {
        Files.writeString(root.resolve("etc/there/ours.txt"), "somebody else's");
        Map<String, String> before = files();
        Step one = step(c -> c.write("/etc/there/ours.txt", bytes("one")));
        assertThat(setup(one).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        byte[] first = Files.readAllBytes(ledger.resolve("ledger.jsonl"));
        Step two = step(c -> c.write("/etc/there/ours.txt", bytes("two")));
        assertThat(setup(two).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        // As if the process had been gone before it struck the first version off.
        String whole = Files.readString(ledger.resolve("ledger.jsonl"));
        int second = whole.indexOf('\n', first.length) + 1;
        Files.writeString(ledger.resolve("ledger.jsonl"), whole.substring(0, second));
        assertThat(setup().standing()).hasSize(2);
        assertThat(setup().uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void stepThatCannotBeTakenBackHoldsNoOtherUp() throws IOException {
        commands.failing.add("refresh");
        Step other = new TestStep("other", c -> c.write("/etc/there/other.txt", bytes("other")));
        assertThat(setup(everything(), other).install(SETTINGS))
                .satisfiesExactly(
                        first ->
                                assertThat(first.detail())
                                        .contains("refresh ended 1", "not taken back yet"),
                        second -> assertThat(second.done()).isTrue());
        commands.failing.clear();
        assertThat(setup(everything(), other).install(SETTINGS))
                .allMatch(MachineSetup.Outcome::done);
    }

    /** Another JVM, since a process never waits for a lock of its own. */
    @Test
    void waitsForAnotherProcessThatIsAtWork() throws Exception {
        Path source = root.resolve("Holder.java");
        Files.writeString(
                source,
                """
                import java.nio.channels.FileChannel;
                import java.nio.file.*;
                class Holder {
                    public static void main(String[] args) throws Exception {
                        try (var file = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
                            file.lock();
                            System.out.println("locked");
                            System.in.read();
                        }
                    }
                }
                """);
        assertThat(setup(everything()).install(SETTINGS)).hasSize(1);
        Process holder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                source.toString(),
                                ledger.resolve("ledger.jsonl").toString())
                        .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("locked");
            CompletableFuture<List<MachineSetup.Outcome>> removal = new CompletableFuture<>();
            Thread remover =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    removal.complete(setup(everything()).uninstall());
                                } catch (IOException e) {
                                    removal.completeExceptionally(e);
                                }
                            });
            while (!removal.isDone() && remover.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            assertThat(removal).as("waits").isNotDone();
            assertThat(root.resolve("etc/there/ours.txt")).exists();
            holder.getOutputStream().close();
            assertThat(removal.get(30, TimeUnit.SECONDS)).isEmpty();
            assertThat(root.resolve("etc/there/ours.txt")).doesNotExist();
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void keystoreThatOthersMayExchangeIsLeftToItsOwner() throws Exception {
        KeyStore empty = KeyStore.getInstance("JKS");
        empty.load(null, null);
        List<Path> homes = List.of(root.resolve("opt/roots"), root.resolve("opt/shared"));
        for (Path home : homes) {
            Path security = Files.createDirectories(home.resolve("lib/security"));
            try (var out = Files.newOutputStream(security.resolve("cacerts"))) {
                empty.store(out, "changeit".toCharArray());
            }
        }
        Machine machine = new Machine(root, commands);
        Files.setPosixFilePermissions(homes.get(1), PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThat(machine.isOutOfOthersReach("/opt/roots/lib/security/cacerts")).isTrue();
        assertThat(machine.isOutOfOthersReach("/opt/shared/lib/security/cacerts")).isFalse();
        assertThat(setup(new JavaKeystores()).install(SETTINGS))
                .singleElement()
                .satisfies(o ->
                        assertThat(o.detail())
                                .startsWith("1 JDK(s)")
                                .contains("not root's alone: /opt/shared/lib/security/cacerts"));
        Files.createSymbolicLink(root.resolve("opt/link"), homes.get(0));
        assertThat(machine.isOutOfOthersReach("/opt/link/lib/security/cacerts")).isFalse();
    }

    @Test
    void ownerAndModeNeverGoThroughALink() throws IOException {
        Path theirs = Files.writeString(root.resolve("theirs"), "theirs");
        Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rw-------"));
        Path link = Files.createSymbolicLink(root.resolve("link"), theirs);
        assertThatThrownBy(
                        () -> FileCopies.mode(link, PosixFilePermissions.fromString("rw-rw-rw-")))
                .isInstanceOf(IOException.class);
        assertThat(Files.getPosixFilePermissions(theirs))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    /** As JDKs from 18 on have it: no password, nothing encrypted. */
    @Test
    void keystoreWithoutAPasswordStaysOne() throws Exception {
        List<X509Certificate> roots = new ArrayList<>();
        try (InputStream in =
                Files.newInputStream(
                        Path.of(System.getProperty("java.home"), "lib/security/cacerts"))) {
            KeyStore all = KeyStore.getInstance("JKS");
            all.load(in, null);
            for (String alias : Collections.list(all.aliases()).subList(0, 2)) {
                roots.add((X509Certificate) all.getCertificate(alias));
            }
        }
        Path file = root.resolve("opt/jdk/lib/security/cacerts");
        Files.createDirectories(file.getParent());
        System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
        System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
        KeyStore theirs = KeyStore.getInstance("PKCS12");
        theirs.load(null, null);
        theirs.setCertificateEntry("theirs", roots.getFirst());
        try (var out = Files.newOutputStream(file)) {
            theirs.store(out, null);
        }
        byte[] before = Files.readAllBytes(file);
        MachineSettings settings = new MachineSettings(roots.subList(1, 2), SETTINGS.pacUrl());

        MachineSetup setup = setup(new JavaKeystores());
        assertThat(setup.install(settings)).allMatch(MachineSetup.Outcome::done);
        assertThat(aliases(file)).hasSize(2).contains("theirs");
        assertThat(setup.uninstall()).isEmpty();
        assertThat(file).hasBinaryContent(before);

        assertThat(setup.install(settings)).allMatch(MachineSetup.Outcome::done);
        try (InputStream in = Files.newInputStream(file)) {
            theirs.load(in, null);
        }
        theirs.setCertificateEntry("theirs too", roots.getFirst());
        try (var out = Files.newOutputStream(file)) {
            theirs.store(out, null);
        }
        assertThat(setup.uninstall()).isEmpty();
        assertThat(aliases(file)).containsExactlyInAnyOrder("theirs", "theirs too");
    }

    private static List<String> aliases(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, null);
            return Collections.list(store.aliases());
        }
    }

    /** What configuration management does to a file: the same in other words. */
    @Test
    void oursIsKnownByWhatItMeans() throws IOException {
        Step step =
                step(c ->
                        c.merge(
                                "/etc/new/shared.json",
                                new JsonKeys(
                                        "/etc/new/shared.json",
                                        Map.of(
                                                "/ours",
                                                JsonNodeFactory.instance
                                                        .objectNode()
                                                        .put("Value", false)
                                                        .put("Status", "locked")))));
        assertThat(setup(step).install(SETTINGS)).allMatch(MachineSetup.Outcome::done);
        Path shared = root.resolve("etc/new/shared.json");
        Files.writeString(
                shared, "{\"ours\":{\"Status\":\"locked\",\"Value\":false},\"theirs\":1}");
        assertThat(setup(step).uninstall()).isEmpty();
        assertThat(Files.readString(shared)).contains("theirs").doesNotContain("ours");
    }

    @Test
    void firefoxKeepsTheCertificatesThatOthersHaveItInstall() throws IOException {
        Path file = root.resolve("etc/firefox/policies/policies.json");
        Files.createDirectories(file.getParent());
        String theirs = "{\"policies\":{\"Certificates\":{\"Install\":[\"/etc/company.pem\"]}}}";
        Files.writeString(file, theirs);
        assertThat(setup(new FirefoxPolicies()).install(SETTINGS))
                .allMatch(MachineSetup.Outcome::done);
        assertThat(setup(new FirefoxPolicies()).install(SETTINGS))
                .allMatch(MachineSetup.Outcome::done);
        assertThat(Files.readString(file))
                .containsOnlyOnce("/etc/company.pem")
                .containsOnlyOnce("/etc/chaperone/ca.pem");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "\"/etc/company.pem\"",
                                "\"/etc/other.pem\", \"/etc/company.pem\""));
        assertThat(setup(new FirefoxPolicies()).uninstall()).isEmpty();
        assertThat(Files.readString(file))
                .contains("/etc/other.pem", "/etc/company.pem")
                .doesNotContain("chaperone", "AutoConfigURL");
    }

    @Test
    void keystoreThatChangedHandsIsNotWrittenTo() throws Exception {
        Path file = root.resolve("opt/jdk/lib/security/cacerts");
        Files.createDirectories(file.getParent());
        KeyStore empty = KeyStore.getInstance("JKS");
        empty.load(null, null);
        try (var out = Files.newOutputStream(file)) {
            empty.store(out, "changeit".toCharArray());
        }
        X509Certificate one;
        try (InputStream in =
                Files.newInputStream(
                        Path.of(System.getProperty("java.home"), "lib/security/cacerts"))) {
            KeyStore all = KeyStore.getInstance("JKS");
            all.load(in, null);
            one = (X509Certificate) all.getCertificate(all.aliases().nextElement());
        }
        MachineSettings settings = new MachineSettings(List.of(one), SETTINGS.pacUrl());
        MachineSetup setup = setup(new JavaKeystores());
        assertThat(setup.install(settings)).allMatch(MachineSetup.Outcome::done);
        byte[] ours = Files.readAllBytes(file);

        Files.setPosixFilePermissions(
                root.resolve("opt/jdk"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(setup.uninstall())
                .singleElement()
                .satisfies(o ->
                        assertThat(o.detail())
                                .contains("not root's alone any more", "keytool -delete -alias"));
        assertThat(file).hasBinaryContent(ours);
        try (var out = Files.newOutputStream(file)) { // its owner has done as told
            empty.store(out, "changeit".toCharArray());
        }
        assertThat(setup.uninstall()).isEmpty();
        assertThat(ledger).doesNotExist();
    }
}
