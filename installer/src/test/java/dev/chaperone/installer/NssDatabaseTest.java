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
        assertThat(database(killed).holds("chaperone-ours")).isFalse();
        assertThat(system.run(List.of("certutil", "-L", "-d", "sql:" + killed)).ok()).isTrue();
    }

    /** Trust and certificate are two entries; a removal that is killed between them leaves one. */
    @Test
    void certificateWithoutItsTrustIsAddedAnew() throws Exception {
        Path at = Files.createDirectory(folder.resolve("half"));
        List<String> make = List.of("certutil", "-N", "-d", "sql:" + at, "--empty-password");
        assertThat(system.run(make).ok()).isTrue();
        X509Certificate root;
        try (InputStream in =
                Files.newInputStream(
                        Path.of(System.getProperty("java.home"), "lib/security/cacerts"))) {
            KeyStore all = KeyStore.getInstance("JKS");
            all.load(in, null);
            root = (X509Certificate) all.getCertificate(all.aliases().nextElement());
        }
        NssDatabase database = database(at);
        database.add("chaperone-ours", root);
        assertThat(database.trusts("chaperone-ours")).isTrue();
        List<String> distrust =
                List.of("certutil", "-M", "-d", "sql:" + at, "-n", "chaperone-ours", "-t", ",,");
        assertThat(system.run(distrust).ok()).isTrue();
        assertThat(database.holds("chaperone-ours")).isTrue();
        assertThat(database.trusts("chaperone-ours")).isFalse();
        database.add("chaperone-ours", root);
        assertThat(database.trusts("chaperone-ours")).isTrue();
        database.remove("chaperone-ours");
        assertThat(database.holds("chaperone-ours")).isFalse();
    }
}
