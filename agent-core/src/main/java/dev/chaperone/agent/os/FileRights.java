// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Towards files, the rights of another account for one thread of root's (setfsuid(2), Linux): what
 * that account may not read, write or change, this thread may not either, by whatever name, and
 * what it makes is that account's. Everything else stays root's. Threads that it starts meanwhile
 * are the same for good; others are not touched.
 *
 * <p>A file that is loaded as code must not come into being under these rights: the account could
 * change it in between.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
public final class FileRights implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/thread-self/status");

    private FileRights() {}

    /**
     * Whose rights this thread has.
     *
     * @param effective user id of the process
     * @param files user id towards files
     */
    public record Ids(long effective, long files) {}

    /** This thread's; empty where there is no {@code /proc}. */
    public static Optional<Ids> ids() {
        try {
            String[] ids = line("Uid:");
            return Optional.of(new Ids(Long.parseLong(ids[1]), Long.parseLong(ids[3])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Takes the rights of an account until closed, on the same thread. The process gives up its
     * supplementary groups for good: they would be this thread's as well, and root needs none.
     *
     * @throws IOException with one line when the kernel does not let this process; nothing is
     *     changed then
     */
    public static FileRights of(int uid, int gid) throws IOException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no rights of its own");
        }
        boolean taken = false;
        try {
            if (!line("Groups:")[0].isEmpty()) {
                int ignored = setgroups();
            }
            int ignored = set("setfsgid", gid);
            ignored = set("setfsuid", uid); // last: who is root no more may still set groups
            taken =
                    line("Groups:")[0].isEmpty()
                            && line("Gid:")[3].equals(Integer.toUnsignedString(gid))
                            && line("Uid:")[3].equals(Integer.toUnsignedString(uid));
        } finally {
            if (!taken) {
                giveBack();
            }
        }
        if (!taken) {
            throw new IOException(
                    "this process may not act as uid " + uid + " (CAP_SETUID, CAP_SETGID)");
        }
        return new FileRights();
    }

    /** Root's again. */
    @Override
    public void close() {
        giveBack();
        if (ids().filter(ids -> ids.files() == ids.effective()).isEmpty()) {
            throw new IllegalStateException("root's rights towards files did not come back");
        }
    }

    private static void giveBack() {
        int ignored = set("setfsuid", 0);
        ignored = set("setfsgid", 0);
    }

    private static String[] line(String name) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(name)) {
                return line.substring(name.length()).strip().split("\\s+", -1);
            }
        }
        throw new IOException(STATUS + " has no " + name);
    }

    /**
     * Both tell nothing of success (setfsuid(2), RETURN VALUE): the status is looked at instead.
     */
    private static int set(String call, int id) {
        try {
            return (int)
                    Linker.nativeLinker()
                            .downcallHandle(
                                    Linker.nativeLinker().defaultLookup().findOrThrow(call),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                            .invokeExact(id);
        } catch (Throwable e) { // MethodHandle.invokeExact declares it
            throw new IllegalStateException(call, e);
        }
    }

    private static int setgroups() {
        try {
            return (int)
                    Linker.nativeLinker()
                            .downcallHandle(
                                    Linker.nativeLinker().defaultLookup().findOrThrow("setgroups"),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.ADDRESS))
                            .invokeExact(0L, MemorySegment.NULL);
        } catch (Throwable e) { // MethodHandle.invokeExact declares it
            throw new IllegalStateException("setgroups", e);
        }
    }
}
