// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * How many events a store was given, in a mapped page: the kernel keeps it when the process is
 * killed, so that the next run knows exactly how many were on their way to the disk. After a crash
 * of the machine the page may be old; the boot's id tells, and the reserved block bounds the loss
 * instead. Thread-safe.
 */
final class AcceptedEvents {
    private static final int EPOCH = 0;
    private static final int BOOT = 8;
    private static final int COUNT = 16;
    private static final int SIZE = 24;

    private static final VarHandle LONG =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer page;

    private AcceptedEvents(ByteBuffer page) {
        this.page = page;
    }

    static AcceptedEvents open(Path dataDir) throws IOException {
        try (FileChannel file =
                FileChannel.open(
                        dataDir.resolve("events.accepted"),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)) {
            return new AcceptedEvents(file.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
        }
    }

    /** The last number that an event of this epoch was to get; empty when it is not known. */
    OptionalLong last(long epoch) {
        long boot = boot();
        boolean sure = page.getLong(EPOCH) == epoch && boot != 0 && page.getLong(BOOT) == boot;
        return sure ? OptionalLong.of((long) LONG.getVolatile(page, COUNT)) : OptionalLong.empty();
    }

    /** Starts to count for this epoch and boot. */
    void start(long epoch, long last) {
        LONG.setVolatile(page, COUNT, last);
        page.putLong(EPOCH, epoch);
        page.putLong(BOOT, boot());
    }

    /** One more event. */
    void accept() {
        long ignored = (long) LONG.getAndAdd(page, COUNT, 1L);
    }

    /** A number that changes with each boot; 0 where the system does not say. */
    private static long boot() {
        try {
            String id =
                    Files.readString(
                            Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII);
            return Long.parseUnsignedLong(id.strip().replace("-", "").substring(0, 16), 16);
        } catch (IOException | NumberFormatException e) {
            return 0; // not Linux, or no /proc
        }
    }
}
