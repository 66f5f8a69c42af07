// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.installer.linux.NssDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two people's databases, made and changed by the real certutil, while SQLite holds one of them; a
 * machine without certutil says so.
 */
final class LockedDatabaseTest {
    private static final SystemCommands SYSTEM = new SystemCommands();

    @TempDir Path folder;
    private Path ann = Path.of("");
    private Path bob = Path.of("");
    private MachineSettings settings = new MachineSettings(List.of(), "");

    /** The system's programs, for the people of a folder, as whoever runs the test. */
    private record People(Path homes) implements Commands {
        @Override
        public Ended run(List<String> command) {
            return command.getFirst().equals("getent")
                    ? new Ended(
                            0,
                            "ann:x:1001:1001::%s/ann:/bin/sh\nbob:x:1002:1002::%s/bob:/bin/sh\n"
                                    .formatted(homes, homes))
                    : SYSTEM.run(command);
        }

        @Override
        public Ended runAs(UserAccount user, List<String> command) {
            return SYSTEM.run(command);
        }

        @Override
        public boolean installed(String program) {
            return SYSTEM.installed(program);
        }
    }

    @BeforeEach
    void people() throws Exception {
        assumeTrue(SYSTEM.installed("certutil"), "certutil (libnss3-tools) is not installed");
        ann = database("ann");
        bob = database("bob");
        settings = new MachineSettings(List.of(root("ours")), "");
    }

    private Path database(String user) throws IOException {
        Path database = Files.createDirectories(folder.resolve(user).resolve(".pki/nssdb"));
        Commands.Ended made =
                SYSTEM.run(List.of("certutil", "-N", "-d", "sql:" + database, "--empty-password"));
        assertThat(made.ok()).as(made.output()).isTrue();
        return database;
    }

    private X509Certificate root(String alias) throws Exception {
        Path store = folder.resolve(alias + ".p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Commands.Ended made =
                SYSTEM.run(
                        List.of(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                alias,
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + alias,
                                "-ext",
                                "bc:c",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                "changeit",
                                "-storetype",
                                "PKCS12"));
        assertThat(made.ok()).as(made.output()).isTrue();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        return (X509Certificate) keys.getCertificate(alias);
    }

    private MachineSetup setup() {
        return new MachineSetup(
                new Machine(Path.of("/"), new People(folder)),
                folder.resolve("undo"),
                List.of(new NssDatabases()));
    }

    private MachineSetup.Outcome repair() throws IOException {
        List<MachineSetup.Outcome> outcomes = setup().install(settings);
        assertThat(outcomes).hasSize(1);
        return outcomes.getFirst();
    }

    /** The trust of each of our roots that a database holds. */
    private static List<String> ours(Path database) {
        return SYSTEM.run(List.of("certutil", "-L", "-d", "sql:" + database))
                .output()
                .lines()
                .filter(l -> l.startsWith("chaperone-"))
                .map(l -> l.replaceFirst("\\S+\\s+", "").strip())
                .toList();
    }

    /** Holds a database as a program does that writes into it, or as one that only is about to. */
    private static Connection holding(Path database, String how) throws Exception {
        Connection connection =
                DriverManager.getConnection("jdbc:sqlite:" + database.resolve("cert9.db"));
        try (Statement sql = connection.createStatement()) {
            sql.execute("BEGIN " + how);
        }
        return connection;
    }

    private void assertSaysWhoWhereAndWhatToDo(MachineSetup.Outcome outcome) {
        assertThat(outcome.done()).as(outcome.detail()).isFalse();
        assertThat(outcome.detail())
                .doesNotContain("\n")
                .contains(bob.toString(), "of bob takes no change", "close the browser")
                .contains("chaperone machine repair", "chaperone machine uninstall")
                .doesNotContain(ann.toString());
    }

    @Test
    @Tag("slow") // SQLite waits
    void databaseThatIsReadAndTakesNoChangeIsSaidToo() throws Exception {
        try (Connection _ = holding(bob, "IMMEDIATE")) {
            assertSaysWhoWhereAndWhatToDo(repair());
            assertThat(setup().standing()).as("nothing partial").hasSize(1);
        }
        assertThat(ours(bob)).isEmpty();
    }

    @Test
    @Tag("slow") // SQLite waits
    void lockedDatabaseIsSaidAndTheOthersAreDone() throws Exception {
        try (Connection _ = holding(bob, "EXCLUSIVE")) {
            assertSaysWhoWhereAndWhatToDo(repair());
            assertThat(ours(ann)).containsExactly("C,,");
            assertThat(setup().standing()).as("nothing partial").hasSize(1);
        }
        assertThat(ours(bob)).isEmpty();
        assertThat(repair().done()).isTrue();
        assertThat(ours(ann)).containsExactly("C,,");
        assertThat(ours(bob)).containsExactly("C,,");
    }

    @Test
    @Tag("slow") // SQLite waits
    void databaseThatIsLockedLaterKeepsWhatItHoldsUntilARemovalGetsIt() throws Exception {
        assertThat(repair().done()).isTrue();
        try (Connection _ = holding(bob, "EXCLUSIVE")) {
            assertSaysWhoWhereAndWhatToDo(repair());
            assertThat(ours(ann)).containsExactly("C,,");
            List<MachineSetup.Outcome> left = setup().uninstall();
            assertThat(left).hasSize(1);
            assertSaysWhoWhereAndWhatToDo(left.getFirst());
            assertThat(ours(ann)).isEmpty();
            assertThat(setup().standing())
                    .extracting(UndoLedger.Entry::change)
                    .containsExactly(
                            new Change.NssCertificate(
                                    "bob",
                                    bob.toString(),
                                    Roots.name(settings.roots().getFirst())));
        }
        assertThat(ours(bob)).containsExactly("C,,");
        assertThat(setup().uninstall()).isEmpty();
        assertThat(ours(bob)).isEmpty();
        assertThat(folder.resolve("undo")).doesNotExist();
    }

    @Test
    void homeThatIsNotHereKeepsItsEntryAndIsNamed() throws Exception {
        assertThat(repair().done()).isTrue();
        Path elsewhere = Files.move(folder.resolve("bob"), folder.resolve("elsewhere"));
        Files.createDirectory(folder.resolve("bob")); // where nothing is mounted
        assertThat(repair().done()).as("no fault of the machine").isTrue();
        assertThat(setup().standing()).hasSize(2);
        List<MachineSetup.Outcome> left = setup().uninstall();
        assertThat(left).hasSize(1);
        assertThat(left.getFirst().detail())
                .contains("the home of bob is not here")
                .contains("certutil -D -d sql:" + bob + " -n chaperone-");
        assertThat(ours(ann)).isEmpty();
        Files.delete(folder.resolve("bob"));
        assertThat(setup().uninstall()).as("no home at all").hasSize(1);
        Path ignored = Files.move(elsewhere, folder.resolve("bob"));
        assertThat(setup().uninstall()).isEmpty();
        assertThat(ours(bob)).isEmpty();
        assertThat(folder.resolve("undo")).doesNotExist();
    }

    @Test
    void profileThatWasMovedAndOneMadeSinceAreFoundAtTheRemoval() throws Exception {
        assertThat(repair().done()).isTrue();
        Path moved = Files.createDirectories(folder.resolve("bob/.mozilla/firefox")).resolve("x");
        Path ignored = Files.move(bob, moved);
        Path since = Files.createDirectories(folder.resolve("ann/.mozilla/firefox/since"));
        assertThat(SYSTEM.run(List.of("cp", "-r", ann + "/.", since.toString())).ok()).isTrue();
        assertThat(ours(since)).containsExactly("C,,");
        assertThat(setup().uninstall()).isEmpty();
        assertThat(ours(moved)).isEmpty();
        assertThat(ours(since)).isEmpty();
    }

    @Test
    void databaseThatIsNoneIsNamedAndHoldsNobodyElseUp() throws Exception {
        assertThat(repair().done()).isTrue();
        Path ignored = Files.writeString(bob.resolve("cert9.db"), "garbage");
        List<MachineSetup.Outcome> left = setup().uninstall();
        assertThat(left).hasSize(1);
        assertThat(left.getFirst().detail()).contains("move it away where it is damaged");
        assertThat(ours(ann)).isEmpty();
    }

    /** As a directory service answers: asked for one it knows, it lists nobody. */
    @Test
    void ownerOfAHomeWhomNobodyListsIsAUser() throws Exception {
        Path home = Files.createDirectories(folder.resolve("home/carol"));
        Object uid = Files.getAttribute(home, "unix:uid");
        Commands directory =
                new Commands() {
                    @Override
                    public Ended run(List<String> command) {
                        return command.getLast().equals(String.valueOf(uid))
                                ? new Ended(0, "carol:x:" + uid + ":1::/home/carol:/bin/sh\n")
                                : new Ended(0, "daemon:x:1:1::/:/bin/false\n");
                    }

                    @Override
                    public Ended runAs(UserAccount user, List<String> command) {
                        return run(command);
                    }

                    @Override
                    public boolean installed(String program) {
                        return true;
                    }
                };
        assertThat(new Machine(folder, directory).users())
                .extracting(UserAccount::name)
                .containsExactly("carol");
    }
}
