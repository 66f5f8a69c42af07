// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's native library: in a package it lies beside the jars, else the driver unpacks it into
 * {@code java.io.tmpdir}. The driver itself only ever says that there is none. Thread-safe.
 */
public final class SqliteLibrary {
    private SqliteLibrary() {}

    /**
     * Loads it, unless that was done.
     *
     * @throws IOException one line for whoever runs the command: from where it cannot be loaded,
     *     why, and what helps
     */
    public static void load() throws IOException {
        try {
            boolean ignored = SQLiteJDBCLoader.initialize();
        } catch (Exception e) { // declared so
            String packaged = System.getProperty("org.sqlite.lib.path");
            String folder = System.getProperty("java.io.tmpdir");
            throw new IOException(
                    packaged == null
                            ? "SQLite's library is unpacked into "
                                    + folder
                                    + " and cannot be loaded from there: "
                                    + obstacle(Path.of(folder))
                                    + "; mend that, or name another folder in the environment: "
                                    + (File.separatorChar == '\\'
                                            ? "TEMP=FOLDER"
                                            : "JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER")
                            : "SQLite's library cannot be loaded from "
                                    + packaged
                                    + "; install the package again",
                    e);
        }
    }

    /** What keeps a library from being unpacked into a folder and loaded. */
    static String obstacle(Path folder) {
        Path probe;
        try {
            probe = Files.createTempFile(folder, "chaperone-", ".so");
        } catch (IOException e) {
            return "nothing can be written there";
        }
        try {
            if (!probe.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                return "the system refuses it";
            }
            Path ignored =
                    Files.setPosixFilePermissions(
                            probe, PosixFilePermissions.fromString("rwx------"));
            // Where nothing may run, the system says so of each file.
            return Files.isExecutable(probe)
                    ? "the system refuses it"
                    : "nothing in it may run (mount option noexec)";
        } catch (IOException e) {
            return "the system refuses it";
        } finally {
            removed(probe);
        }
    }

    private static void removed(Path probe) {
        try {
            Files.deleteIfExists(probe);
        } catch (IOException e) {
            // Empty, and in a folder that is cleaned up.
        }
    }
}
