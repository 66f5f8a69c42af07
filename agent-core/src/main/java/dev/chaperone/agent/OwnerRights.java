// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.os.FileRights;
import dev.chaperone.agent.store.SqliteLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Root at work in a data folder of another account, above all the installed service's: with that
 * account's rights towards files, so that no link and no file that was put there leads root to what
 * the account could not reach itself; and what root makes there is the account's (ADR 0025). For
 * everybody else, and in root's own folder, it changes nothing.
 *
 * <p>Opened and closed on one thread, around nothing but the work in the folder.
 */
public final class OwnerRights implements AutoCloseable {
    private final @Nullable FileRights taken;

    private OwnerRights(@Nullable FileRights taken) {
        this.taken = taken;
    }

    private record Owner(int uid, int gid, String name) {}

    /**
     * Takes them.
     *
     * @param folder a data folder; it need not be there
     * @throws StartException with status 3 and one line when something in the folder is not the
     *     owner's own, or the owner's rights cannot be taken; nothing was changed then
     */
    public static OwnerRights in(Path folder) throws StartException {
        Optional<Owner> owner = foreign(folder);
        if (owner.isEmpty()) {
            return new OwnerRights(null);
        }
        FileRights rights;
        loadWhatIsLoadedLater();
        try {
            rights = FileRights.of(owner.get().uid(), owner.get().gid());
        } catch (IOException e) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "data folder "
                            + folder
                            + " belongs to '"
                            + owner.get().name()
                            + "': "
                            + e.getMessage()
                            + "; run the command as that account");
        }
        Optional<String> planted = Planted.in(folder, owner.get().uid());
        if (planted.isPresent()) {
            rights.close();
            throw new StartException(ExitStatus.ENVIRONMENT, planted.get());
        }
        return new OwnerRights(rights);
    }

    /**
     * Whose folder it is, when this is root who has not taken the owner's rights; else empty.
     *
     * @return the owner's name, or its number
     */
    public static Optional<String> missingIn(Path folder) {
        return foreign(folder).map(Owner::name);
    }

    private static Optional<Owner> foreign(Path folder) {
        boolean root =
                FileRights.ids().filter(i -> i.effective() == 0 && i.files() == 0).isPresent();
        if (!root || !Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try {
            return Files.getAttribute(folder, "unix:uid") instanceof Integer uid
                            && uid != 0
                            && Files.getAttribute(folder, "unix:gid") instanceof Integer gid
                    ? Optional.of(new Owner(uid, gid, Files.getOwner(folder).getName()))
                    : Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            // It went: whoever opens it says so. Or a system without such owners.
            return Optional.empty();
        }
    }

    /**
     * Code comes from where the account may not look or, unpacked for this process, would be the
     * account's to change: all jars are opened and SQLite's library is loaded while this is root.
     */
    private static void loadWhatIsLoadedLater() throws StartException {
        if (ClassLoader.getSystemResource("none/of/this/name") != null) {
            throw new IllegalStateException("a resource of no name");
        }
        try {
            SqliteLibrary.load();
        } catch (IOException e) {
            throw new StartException(ExitStatus.ENVIRONMENT, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        if (taken != null) {
            taken.close();
        }
    }
}
