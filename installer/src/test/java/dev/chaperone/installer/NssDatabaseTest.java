// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the real certutil; a machine without it says so. */
final class NssDatabaseTest {
    private final SystemCommands system = new SystemCommands();

    @TempDir Path folder;

    @BeforeEach
    void certutil() {
        assumeTrue(system.installed("certutil"), "certutil is not installed");
    }

    private NssDatabase database(Path at) {
        Commands here =
                new Commands() {
                    @Override
                    public Ended run(List<String> command) {
                        return system.run(command);
                    }

                    @Override
                    public Ended runAs(UserAccount user, List<String> command) {
                        return system.run(command);
                    }

                    @Override
                    public boolean installed(String program) {
                        return system.installed(program);
                    }
                };
        return new NssDatabase(
                new Machine(Path.of("/"), here),
                new UserAccount("somebody", 1000, folder),
                at.toString());
    }

    /** The files as they lie when a program is killed while it writes. */
    private Path killedWhileWriting() throws Exception {
        Path whole = Files.createDirectory(folder.resolve("whole"));
        Path killed = Files.createDirectory(folder.resolve("killed"));
        assertThat(
                        system.run(
                                        List.of(
                                                "certutil",
                                                "-N",
                                                "-d",
                                                "sql:" + whole,
                                                "--empty-password"))
                                .ok())
                .isTrue();
        for (String file : List.of("cert9.db", "key4.db")) {
            try (Connection connection =
                            DriverManager.getConnection("jdbc:sqlite:" + whole.resolve(file));
                    Statement sql = connection.createStatement()) {
                sql.execute("PRAGMA cache_size = 1");
                connection.setAutoCommit(false);
                sql.execute("CREATE TABLE begun AS SELECT randomblob(200000) AS much");
                for (String part : List.of(file, file + "-journal")) {
                    Files.copy(whole.resolve(part), killed.resolve(part));
                }
                connection.rollback();
            }
        }
        Files.copy(whole.resolve("pkcs11.txt"), killed.resolve("pkcs11.txt"));
        return killed;
    }

    @Test
    void whatAKilledProgramHadBegunIsRolledBack() throws Exception {
        Path killed = killedWhileWriting();
        assertThat(system.run(List.of("certutil", "-L", "-d", "sql:" + killed)).output())
                .as("a reader alone cannot open it")
                .contains("SEC_ERROR_BAD_DATABASE");
        assertThat(database(killed).holds("chaperone-01234567")).isFalse();
        assertThat(system.run(List.of("certutil", "-L", "-d", "sql:" + killed)).ok()).isTrue();
    }

    private Path empty(String name) throws Exception {
        Path at = Files.createDirectory(folder.resolve(name));
        assertThat(certutil(at, "-N", "--empty-password").ok()).isTrue();
        return at;
    }

    private Commands.Ended certutil(Path at, String action, String... arguments) {
        List<String> command = new ArrayList<>(List.of("certutil", action, "-d", "sql:" + at));
        command.addAll(List.of(arguments));
        return system.run(command);
    }

    /** Two roots of the JDK's list. */
    private static List<X509Certificate> roots() throws Exception {
        try (InputStream in =
                Files.newInputStream(
                        Path.of(System.getProperty("java.home"), "lib/security/cacerts"))) {
            KeyStore all = KeyStore.getInstance("JKS");
            all.load(in, null);
            List<X509Certificate> two = new ArrayList<>();
            for (String alias : Collections.list(all.aliases()).subList(0, 2)) {
                two.add((X509Certificate) all.getCertificate(alias));
            }
            return two;
        }
    }

    /** Trust and certificate are two entries; a removal that is killed between them leaves one. */
    @Test
    void certificateWithoutItsTrustIsAddedAnew() throws Exception {
        Path at = empty("half");
        X509Certificate root = roots().getFirst();
        String name = Roots.name(root);
        NssDatabase database = database(at);
        database.add(name, root);
        assertThat(database.trusts(name)).isTrue();
        assertThat(certutil(at, "-M", "-n", name, "-t", ",,").ok()).isTrue();
        assertThat(database.holds(name)).isTrue();
        assertThat(database.trusts(name)).isFalse();
        database.add(name, root);
        assertThat(database.trusts(name)).isTrue();
        database.remove(name);
        assertThat(database.holds(name)).isFalse();
    }

    /** Firefox imports what a policy names under a name of its own, and NSS keeps the first. */
    @Test
    void rootIsFoundUnderAnotherNameAndNothingElseIs() throws Exception {
        Path at = empty("imported");
        X509Certificate ours = roots().getFirst();
        X509Certificate other = roots().getLast();
        for (X509Certificate each : List.of(ours, other)) {
            Path pem = Files.writeString(folder.resolve("one.pem"), Roots.pem(each));
            String name = each.equals(ours) ? "A root, its  maker's - \"Name\"" : "Another - C,,";
            assertThat(certutil(at, "-A", "-n", name, "-t", "CT,C,C", "-i", pem.toString()).ok())
                    .isTrue();
        }
        NssDatabase database = database(at);
        assertThat(database.trusts(Roots.name(ours))).isTrue();
        assertThat(database.holds("chaperone-00000000")).isFalse();
        database.remove(Roots.name(ours));
        assertThat(database.holds(Roots.name(ours))).isFalse();
        assertThat(database.holds(Roots.name(other))).isTrue();
    }
}
