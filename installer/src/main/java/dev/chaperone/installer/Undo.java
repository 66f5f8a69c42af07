// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import dev.chaperone.installer.Change.FileStarted;
import dev.chaperone.installer.Change.FileWritten;
import dev.chaperone.installer.Change.FolderMade;
import dev.chaperone.installer.Change.KeysMerged;
import dev.chaperone.installer.Change.KeystoreCertificate;
import dev.chaperone.installer.Change.NssCertificate;
import dev.chaperone.installer.Change.Refresh;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Takes changes back, each also when it was never made or is undone already. */
final class Undo {
    private final Machine machine;
    private final UndoLedger ledger;

    Undo(Machine machine, UndoLedger ledger) {
        this.machine = machine;
        this.ledger = ledger;
    }

    /**
     * Takes one change back and strikes it off.
     *
     * @throws IOException when it cannot be taken back; it stands on then
     */
    void undo(Change change) throws IOException {
        leftover(change);
        switch (change) {
            case FileWritten file -> file(file);
            case FileStarted file -> started(file);
            case FolderMade folder -> folder(folder);
            case KeysMerged keys -> keys(keys);
            case NssCertificate nss -> nss(nss);
            case KeystoreCertificate keystore -> keystore(keystore);
            case Refresh refresh -> refresh(refresh);
        }
        ledger.undone(change);
        String backup = UndoLedger.backup(change);
        if (backup != null
                && ledger.standing().stream()
                        .noneMatch(e -> backup.equals(UndoLedger.backup(e.change())))) {
            ledger.forget(backup);
        }
    }

    /** What a process left that was killed between writing beside and moving over. */
    private void leftover(Change change) throws IOException {
        String path =
                switch (change) {
                    case FileWritten file -> file.path();
                    case FileStarted file -> file.path();
                    case KeysMerged keys -> keys.path();
                    case KeystoreCertificate keystore -> keystore.path();
                    default -> "";
                };
        if (!path.isEmpty()) {
            Files.deleteIfExists(FileCopies.beside(machine.path(path)));
        }
    }

    private void file(FileWritten change) throws IOException {
        Path file = machine.path(change.path());
        if (change.backup() != null && Files.exists(ledger.backup(change.backup()))) {
            FileCopies.copy(ledger.backup(change.backup()), file);
        } else {
            Files.deleteIfExists(file);
        }
    }

    /** Only as it was made: what somebody else wrote there since is theirs. */
    private void started(FileStarted change) throws IOException {
        Path file = machine.path(change.path());
        if (Files.exists(file)
                && FileCopies.sha256(Files.readAllBytes(file)).equals(change.sha256())) {
            Files.delete(file);
        }
    }

    private void folder(FolderMade change) throws IOException {
        try {
            Files.deleteIfExists(machine.path(change.path()));
        } catch (DirectoryNotEmptyException e) {
            // Somebody else's files are in it by now: it is theirs.
        }
    }

    private void keys(KeysMerged change) throws IOException {
        Path file = machine.path(change.path());
        if (!Files.exists(file)) {
            return; // whoever removed it removed ours with it
        }
        byte[] now = Files.readAllBytes(file);
        byte[] without = without(change, now);
        if (!java.util.Arrays.equals(now, without)) {
            FileCopies.replace(file, without, file, "rw-r--r--");
        }
    }

    /**
     * The file's content without our keys: the very bytes of before when nobody else touched it.
     */
    byte[] without(KeysMerged change, byte[] now) throws IOException {
        Path backup = ledger.backup(change.backup());
        if (!Files.exists(backup)) {
            return now; // the copy is made before the entry: nothing was merged
        }
        byte[] before = Files.readAllBytes(backup);
        if (FileCopies.sha256(now).equals(change.sha256())
                || java.util.Arrays.equals(now, before)) {
            return before;
        }
        return change.format().equals("json")
                ? JsonKeys.without(now, before, change.keys(), change.values())
                : LineKeys.without(now, change.keys());
    }

    /** Whether a database lies in a home that is not here now. */
    boolean isAway(NssCertificate change) throws IOException {
        return machine.user(change.user()).filter(machine::isAway).isPresent();
    }

    private void nss(NssCertificate change) throws IOException {
        Optional<UserAccount> user = machine.user(change.user());
        if (user.isEmpty()) {
            return; // gone with its user
        }
        if (machine.isAway(user.get())) {
            throw new IOException(
                    "the home of " + change.user() + " is not here; once it is, " + byHand(change));
        }
        if (!machine.exists(change.folder())) {
            return; // its owner took it away; one that only moved is found by the step
        }
        try {
            NssDatabase database = new NssDatabase(machine, user.get(), change.folder());
            if (database.holds(change.nickname())) {
                database.remove(change.nickname());
            }
        } catch (StepException e) {
            throw new IOException(e.getMessage() + "; without this program, " + byHand(change));
        }
    }

    private static String byHand(NssCertificate change) {
        return "as that user: certutil -D -d sql:" + change.folder() + " -n " + change.nickname();
    }

    private void keystore(KeystoreCertificate change) throws IOException {
        Path file = machine.path(change.path());
        if (!Files.exists(file)) {
            return;
        }
        if (!machine.isOutOfOthersReach(change.path())) {
            goneFromOthers(change, file);
            return;
        }
        Path backup = ledger.backup(change.backup());
        if (Files.exists(backup)
                && FileCopies.sha256(Files.readAllBytes(file)).equals(change.sha256())) {
            FileCopies.copy(backup, file);
            return;
        }
        try {
            JavaKeystore keystore = JavaKeystore.open(file);
            if (keystore.holds(change.alias())) {
                FileCopies.replace(file, keystore.without(change.alias()), file, "rw-r--r--");
            }
        } catch (StepException e) {
            throw new IOException(e.getMessage());
        }
    }

    /** A JDK that changed hands since: its new owner could exchange what root writes to. */
    private static void goneFromOthers(KeystoreCertificate change, Path file) throws IOException {
        try {
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && JavaKeystore.open(file).holds(change.alias())) {
                throw new IOException(
                        change.path()
                                + " is not root's alone any more; its owner takes the root out, then it goes on:"
                                + " keytool -delete -alias "
                                + change.alias()
                                + " -keystore "
                                + change.path());
            }
        } catch (StepException e) {
            // Not a keystore any more that could hold it.
        }
    }

    /** A program that is gone has nothing left to take note of. */
    private void refresh(Refresh change) throws IOException {
        List<String> command = change.command();
        Commands.Ended ended = SystemPrograms.run(machine, command);
        if (!ended.ok() && ended.status() != Commands.NOT_FOUND) {
            throw new IOException(
                    String.join(" ", command)
                            + " ended "
                            + ended.status()
                            + ": "
                            + ended.lastLine());
        }
    }
}
