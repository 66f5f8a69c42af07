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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes the changes of one step: each is in the ledger before it is made, one that holds already is
 * left alone, and all of them are taken back when the step fails.
 */
public final class Changes {
    private final Machine machine;
    private final UndoLedger ledger;
    private final String step;
    private final Undo undo;
    private final List<Change> made = new ArrayList<>();
    private final Set<String> wanted = new HashSet<>();
    private final List<String> leftOut = new ArrayList<>();
    private @Nullable Refresh refresh;

    Changes(Machine machine, UndoLedger ledger, String step) {
        this.machine = machine;
        this.ledger = ledger;
        this.step = step;
        this.undo = new Undo(machine, ledger);
    }

    /** What runs between the entry of a program in the ledger and its run. */
    public interface Body {
        void run() throws StepException, IOException;
    }

    /**
     * A file of ours, whole, mode 0644.
     *
     * @param path absolute
     */
    public void write(String path, byte[] content) throws IOException {
        String sha256 = FileCopies.sha256(content);
        Path file = machine.path(path);
        FileWritten before = standing(FileWritten.class, path);
        boolean there =
                Files.exists(file) && FileCopies.sha256(Files.readAllBytes(file)).equals(sha256);
        folder(path.substring(0, path.lastIndexOf('/')));
        if (before != null && before.sha256().equals(sha256) && there) {
            wanted.add(before.key());
            return;
        }
        // What lies at a place of ours without an entry is what an earlier installation left.
        String backup = before == null ? null : before.backup();
        if (before == null && Files.exists(file) && !there) {
            backup = ledger.keep(file);
        }
        FileWritten change = new FileWritten(path, sha256, backup);
        log(change);
        FileCopies.replace(file, content, Path.of("/nonexistent"), "rw-r--r--");
        if (before != null && !before.key().equals(change.key())) {
            ledger.undone(before);
        }
    }

    /**
     * A file that a {@link #refreshing} program of the system makes at a place of ours.
     *
     * @param path absolute
     */
    public void generated(String path) throws IOException {
        FileWritten change = new FileWritten(path, "", null);
        folder(path.substring(0, path.lastIndexOf('/')));
        if (ledger.holds(change)) {
            wanted.add(change.key());
        } else {
            log(change);
        }
    }

    /**
     * A file as it would be without any key of ours, of whichever step.
     *
     * @param path absolute; the file exists
     */
    public byte[] original(String path) throws IOException {
        byte[] now = Files.readAllBytes(machine.path(path));
        KeysMerged merged = standing(KeysMerged.class, path);
        return merged == null ? now : undo.without(merged, now);
    }

    /** Whether a file is one that this step wrote whole. */
    public boolean wrote(String path) {
        return standing(FileWritten.class, path) != null;
    }

    /** A folder with those above it, mode 0755. */
    public void folder(String path) throws IOException {
        if (path.isEmpty()) {
            return;
        }
        if (Files.isDirectory(machine.path(path))) {
            FolderMade known = new FolderMade(path);
            if (ledger.holds(known)) {
                wanted.add(known.key());
                folder(path.substring(0, path.lastIndexOf('/')));
            }
            return;
        }
        folder(path.substring(0, path.lastIndexOf('/')));
        log(new FolderMade(path));
        Files.createDirectory(machine.path(path));
        Files.setPosixFilePermissions(
                machine.path(path), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /**
     * Keys of ours in a file that others use too; it is made when it is not there.
     *
     * @param path absolute
     * @param merge makes the new content of the old, the same again when ours stands in it
     */
    public void merge(String path, Merge merge) throws StepException, IOException {
        Path file = machine.path(path);
        start(path, merge.start());
        KeysMerged before = standing(KeysMerged.class, path);
        byte[] old = Files.readAllBytes(file);
        if (before != null) {
            // What it would be made of anew: the file without ours.
            byte[] without = undo.without(before, old);
            byte[] fresh = merge.into(without);
            if (java.util.Arrays.equals(fresh, old)) {
                wanted.add(before.key());
                return;
            }
            undo.undo(before);
            old = Files.readAllBytes(file);
        }
        byte[] fresh = merge.into(old);
        log(
                new KeysMerged(
                        path,
                        merge.format(),
                        FileCopies.sha256(fresh),
                        ledger.keep(file),
                        merge.keys(),
                        merge.values()));
        FileCopies.replace(file, fresh, file, "rw-r--r--");
    }

    /** A file that others use too: there, and what made it known. */
    private void start(String path, byte[] content) throws IOException {
        FileWritten whole = standing(FileWritten.class, path);
        if (whole != null) {
            undo.undo(whole); // as an older version wrote it
        }
        folder(path.substring(0, path.lastIndexOf('/')));
        FileStarted started = new FileStarted(path, FileCopies.sha256(content));
        if (machine.exists(path)) {
            if (ledger.holds(started)) {
                wanted.add(started.key());
            }
            return;
        }
        KeysMerged gone = standing(KeysMerged.class, path);
        if (gone != null) {
            undo.undo(gone); // whoever removed the file removed ours with it
        }
        log(started);
        FileCopies.replace(machine.path(path), content, Path.of("/nonexistent"), "rw-r--r--");
    }

    /**
     * A root in a user's NSS database.
     *
     * @throws StepException when the database takes none now; nothing of it stands there then, and
     *     what stood there before does
     */
    public void nss(UserAccount user, String folder, String nickname, X509Certificate root)
            throws StepException, IOException {
        NssCertificate change = new NssCertificate(user.name(), folder, nickname);
        wanted.add(change.key()); // one that is locked now does not lose what it holds
        NssDatabase database = new NssDatabase(machine, user, folder);
        boolean there = database.trusts(nickname);
        if (there && ledger.holds(change)) {
            return;
        }
        log(change);
        if (there) {
            return;
        }
        try {
            database.add(nickname, root);
        } catch (StepException e) {
            takeBack(change);
            throw e;
        }
    }

    /** A certificate without its trust would pass for one that is there. */
    private void takeBack(NssCertificate change) {
        try {
            undo.undo(change);
            made.remove(change);
        } catch (IOException e) {
            // It stands in the ledger: the next repair makes it whole, or a removal takes it out.
        }
    }

    /**
     * Says what of this step could not be done while the rest stands: the step is not done, and
     * what it did stays.
     *
     * @param why one line: what, where and what to do
     */
    public void leftOut(String why) {
        leftOut.add(why);
    }

    /** What was said to {@link #leftOut(String)}, in that order. */
    List<String> leftOut() {
        return List.copyOf(leftOut);
    }

    /** A root in a Java keystore. */
    public void keystore(String path, String alias, X509Certificate root)
            throws StepException, IOException {
        Path file = machine.path(path);
        JavaKeystore keystore = JavaKeystore.open(file);
        KeystoreCertificate before =
                ledger.standing().stream()
                        .map(UndoLedger.Entry::change)
                        .filter(KeystoreCertificate.class::isInstance)
                        .map(KeystoreCertificate.class::cast)
                        .filter(c -> c.path().equals(path) && c.alias().equals(alias))
                        .findFirst()
                        .orElse(null);
        if (before != null && keystore.holds(alias)) {
            wanted.add(before.key());
            return;
        }
        byte[] fresh = keystore.with(alias, root);
        log(new KeystoreCertificate(path, alias, FileCopies.sha256(fresh), ledger.keep(file)));
        FileCopies.replace(file, fresh, file, "rw-r--r--");
    }

    /**
     * Changes that the system takes note of when a program has run; it runs again after their undo.
     *
     * @throws StepException when the program is not there or fails
     */
    public void refreshing(List<String> command, Body body) throws StepException, IOException {
        Refresh pending = new Refresh(command, false);
        wanted.add(pending.key());
        if (!ledger.holds(pending)) {
            // First in the ledger, so that its undo comes last.
            log(pending);
        }
        refresh = pending;
        try {
            body.run();
        } finally {
            refresh = null;
        }
        if (ledger.standing(pending.key()) instanceof Refresh last && !last.done()) {
            run(pending);
        }
    }

    private void run(Refresh refreshing) throws StepException, IOException {
        List<String> command = refreshing.command();
        Commands.Ended ended = SystemPrograms.run(machine, command);
        if (!ended.ok()) {
            throw new StepException(
                    String.join(" ", command)
                            + " ended "
                            + ended.status()
                            + (ended.output().isBlank() ? "" : ": " + ended.lastLine()));
        }
        ledger.before(step, new Refresh(command, true));
    }

    private <T extends Change> @Nullable T standing(Class<T> kind, String path) {
        for (UndoLedger.Entry entry : ledger.standing()) {
            Change change = entry.change();
            String at =
                    switch (change) {
                        case FileWritten f -> f.path();
                        case KeysMerged k -> k.path();
                        default -> "";
                    };
            if (kind.isInstance(change) && at.equals(path)) {
                return kind.cast(change);
            }
        }
        return null;
    }

    private void log(Change change) throws IOException {
        pend();
        ledger.before(step, change);
        made.add(change);
        wanted.add(change.key());
    }

    /** A program that ran for earlier changes has to run again: said before the next is made. */
    private void pend() throws IOException {
        if (refresh != null
                && ledger.standing(refresh.key()) instanceof Refresh last
                && last.done()) {
            ledger.before(step, refresh);
        }
    }

    /**
     * Takes back what this step changed just now.
     *
     * @return what could not be taken back; it stands in the ledger for the next repair or removal
     */
    List<String> rollBack() {
        List<String> left = new ArrayList<>();
        for (Change change : made.reversed()) {
            try {
                undo.undo(change);
            } catch (IOException e) {
                left.add(String.valueOf(e.getMessage()));
            }
        }
        return left;
    }

    /** Takes back what this step changed earlier and no longer asks for. */
    void retire() throws StepException, IOException {
        List<Change> unwanted =
                ledger.standing().reversed().stream()
                        .filter(e -> e.step().equals(step) && !wanted.contains(e.change().key()))
                        .map(UndoLedger.Entry::change)
                        .toList();
        if (unwanted.isEmpty()) {
            return;
        }
        List<Refresh> again =
                ledger.standing().stream()
                        .filter(e -> e.step().equals(step) && wanted.contains(e.change().key()))
                        .map(UndoLedger.Entry::change)
                        .filter(Refresh.class::isInstance)
                        .map(c -> new Refresh(((Refresh) c).command(), false))
                        .toList();
        for (Refresh each : again) {
            ledger.before(step, each);
        }
        for (Change change : unwanted) {
            retire(change);
        }
        for (Refresh each : again) {
            run(each);
        }
    }

    private void retire(Change change) throws IOException {
        if (!(change instanceof NssCertificate nss)) {
            undo.undo(change);
        } else if (!undo.isAway(nss)) {
            try {
                undo.undo(nss);
            } catch (IOException e) {
                leftOut(String.valueOf(e.getMessage()));
            }
        }
    }

    /**
     * Enters a user's NSS database before a removal when a root of ours stands in it that somebody
     * else's program put there, as a browser does for a policy; also when that cannot be told.
     */
    public void claim(UserAccount user, String folder) throws IOException {
        for (String nickname : rootNames()) {
            NssCertificate change = new NssCertificate(user.name(), folder, nickname);
            if (ledger.holds(change)) {
                continue;
            }
            try {
                if (new NssDatabase(machine, user, folder).holds(nickname)) {
                    log(change);
                }
            } catch (StepException e) {
                log(change);
            }
        }
    }

    /** Of each root that this machine was told of, as {@code Roots.name} makes them. */
    private Set<String> rootNames() {
        Set<String> names = new TreeSet<>();
        for (UndoLedger.Entry entry : ledger.standing()) {
            names.addAll(Roots.namesIn(entry.change().key()));
        }
        return names;
    }

    /** How keys of ours come into a file of somebody else. */
    public interface Merge {
        /** {@code json} or {@code lines}. */
        String format();

        /** JSON pointers or lines that are ours. */
        List<String> keys();

        /** The JSON text of each pointer's value; null when the format has none. */
        default @Nullable Map<String, String> values() {
            return null;
        }

        /** The file's content, without ours, when there is none. */
        byte[] start();

        /**
         * @param old the file's content without ours
         * @throws StepException when it cannot be read as what it should be; it is left alone then
         */
        byte[] into(byte[] old) throws StepException;

        /** Text as the files have it. */
        static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
