// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** A disk of a few megabytes that can really be full: a tmpfs of its own. Needs root. */
final class SmallDisk implements AutoCloseable {
    private static final int BLOCK = 4096;

    private final Path folder;
    private final Path filler;

    private SmallDisk(Path folder) {
        this.folder = folder;
        this.filler = folder.resolve("filler");
    }

    /** Mounts one over a folder, which is made. */
    static SmallDisk at(Path folder, String size) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        run("mount", "-t", "tmpfs", "-o", "size=" + size + ",mode=700", "tmpfs", folder.toString());
        return new SmallDisk(folder);
    }

    /** Writes until nothing more fits. */
    void fill() throws IOException {
        try (FileChannel file =
                FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                ByteBuffer block = ByteBuffer.allocate(BLOCK);
                while (block.hasRemaining()) {
                    file.write(block);
                }
            }
        } catch (IOException e) {
            assertThat(Files.getFileStore(folder).getUsableSpace()).as("full").isZero();
        }
    }

    void free() throws IOException {
        Files.delete(filler);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0)
                .as(String.join(" ", command) + " (needs root)")
                .isTrue();
    }

    /** Unmounts it; who still has a file of it open keeps that alone. */
    @Override
    public void close() throws IOException {
        try {
            run("umount", "-l", folder.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
