// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Files that others read at any time: the old content or the new one, also after a crash. */
public final class WholeFile {
    private WholeFile() {}

    /**
     * Replaces a file by way of {@code NAME.new} beside it, which is on the disk first.
     *
     * @param attributes of the new file, such as its permissions from the first moment
     */
    public static void replace(Path file, byte[] content, FileAttribute<?>... attributes)
            throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh); // what a crash left
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        attributes)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                int written = out.write(bytes);
                assert written >= 0;
            }
            out.force(true);
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
