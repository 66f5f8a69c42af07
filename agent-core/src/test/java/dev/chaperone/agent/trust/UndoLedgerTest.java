// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A home is the same afterwards, byte for byte, whatever happened in between. */
class UndoLedgerTest {
    private static final MarkedBlock BLOCK = new MarkedBlock(List.of("x = 1"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path home;

    @SuppressWarnings("NullAway.Init") // set before each test
    private UndoLedger ledger;

    @BeforeEach
    void home() throws Exception {
        home = Files.createDirectory(folder.resolve("home"));
        ledger = new UndoLedger(folder.resolve("state/ledger"), home);
    }

    private Map<String, String> tree() throws IOException {
        Map<String, String> tree = new TreeMap<>();
        try (Stream<Path> all = Files.walk(home)) {
            for (Path p : all.toList()) {
                String what =
                        Files.isSymbolicLink(p)
                                ? "-> " + Files.readSymbolicLink(p)
                                : Files.isDirectory(p)
                                        ? "folder"
                                        : PosixFilePermissions.toString(
                                                        Files.getPosixFilePermissions(p))
                                                + Files.readString(p);
                tree.put(home.relativize(p).toString(), what);
            }
        }
        return tree;
    }

    @Test
    void newFileInNewFoldersGoesWithThem() throws Exception {
        Map<String, String> before = tree();
        assertThat(ledger.apply(home.resolve("a/b/rc"), BLOCK)).isPresent();
        assertThat(home.resolve("a/b/rc")).content().contains("x = 1");
        assertThat(ledger.undoAll())
                .extracting(UndoLedger.Undone::result)
                .containsExactly(UndoLedger.Result.RESTORED);
        assertThat(tree()).isEqualTo(before);
        assertThat(ledger.isEmpty()).isTrue();
    }

    @Test
    void linkStaysALinkAndModeStays() throws Exception {
        Path dotfiles = Files.createDirectory(home.resolve("dotfiles"));
        Path real = Files.writeString(dotfiles.resolve("rc"), "mine");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-------"));
        Path link = Files.createSymbolicLink(home.resolve(".rc"), Path.of("dotfiles/rc"));
        Map<String, String> before = tree();
        assertThat(ledger.apply(link, BLOCK)).isPresent();
        assertThat(link).isSymbolicLink().content().startsWith("mine\n").contains("x = 1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-------");
        var _ = ledger.undoAll();
        assertThat(tree()).isEqualTo(before);
    }

    @Test
    void killedBetweenLedgerAndChange() throws Exception {
        Path there = Files.writeString(home.resolve("there"), "mine");
        Map<String, String> before = tree();
        assertThat(ledger.recordOnly(there, BLOCK)).isPresent();
        assertThat(ledger.recordOnly(home.resolve("n/new"), BLOCK)).isPresent();
        // Killed a little later: the folder is made, the other file half written.
        Files.createDirectory(home.resolve("n"));
        Files.writeString(home.resolve("n/.new.chaperone-new"), "x =");
        var _ = ledger.undoAll();
        assertThat(tree()).isEqualTo(before);
    }

    @Test
    void killedWhileUndoing() throws Exception {
        Path there = Files.writeString(home.resolve("there"), "mine");
        Map<String, String> before = tree();
        assertThat(ledger.apply(there, BLOCK)).isPresent();
        Files.writeString(there, "mine"); // restored, but its entry is still in the ledger
        var _ = ledger.undoAll();
        assertThat(tree()).isEqualTo(before);
    }

    @Test
    void twoChangesOfOneFileComeOffInTurn() throws Exception {
        Path there = Files.writeString(home.resolve("there"), "mine\n");
        Map<String, String> before = tree();
        var _ = ledger.apply(there, BLOCK);
        var _ = ledger.apply(there, new MarkedBlock(List.of("y = 2")));
        assertThat(ledger.apply(there, BLOCK)).isEmpty();
        var _ = ledger.undoAll();
        assertThat(tree()).isEqualTo(before);
    }

    @Test
    void fileThatWasChangedSinceLosesOnlyOurs() throws Exception {
        Path there = Files.writeString(home.resolve("there"), "mine\n");
        var _ = ledger.apply(there, BLOCK);
        Files.writeString(there, "new\n" + Files.readString(there) + "more\n");
        assertThat(ledger.undoAll())
                .extracting(UndoLedger.Undone::result)
                .containsExactly(UndoLedger.Result.ONLY_OURS_REMOVED);
        assertThat(there).hasContent("new\nmine\nmore\n");
    }

    @Test
    void fileFromWhichOursIsGoneIsLeftAlone() throws Exception {
        Path there = Files.writeString(home.resolve("there"), "mine\n");
        var _ = ledger.apply(there, BLOCK);
        Files.writeString(there, "all new\n");
        assertThat(ledger.undoAll())
                .extracting(UndoLedger.Undone::result)
                .containsExactly(UndoLedger.Result.NOTHING_OF_OURS_LEFT);
        assertThat(there).hasContent("all new\n");
    }

    @Test
    void linkToNothingIsRefusedAndNothingChanges() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve(".rc"), Path.of("nowhere"));
        Map<String, String> before = tree();
        assertThatThrownBy(() -> ledger.apply(link, BLOCK))
                .isInstanceOf(TrustException.class)
                .hasMessageContaining(".rc")
                .hasMessageContaining("link to nothing");
        assertThat(tree()).isEqualTo(before);
        assertThat(ledger.isEmpty()).isTrue();
    }

    @Test
    void folderThatCannotBeWrittenIsRefusedAndNothingChanges() throws Exception {
        assumeFalse("root".equals(System.getProperty("user.name")), "root may write everywhere");
        Path closed = Files.createDirectory(home.resolve("closed"));
        Path file = Files.writeString(closed.resolve("rc"), "mine");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assertThatThrownBy(() -> ledger.apply(file, BLOCK))
                    .isInstanceOf(TrustException.class)
                    .hasMessageContaining("make it and its folder writable");
            assertThat(ledger.isEmpty()).isTrue();
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void ledgerIsForItsOwnerOnly() throws Exception {
        var _ = ledger.apply(home.resolve("rc"), BLOCK);
        Path entry = folder.resolve("state/ledger/1.json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entry)))
                .isEqualTo("rw-------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("state"))))
                .isEqualTo("rwx------");
    }
}
