// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets go of what only the start needed. A start reads nearly all of the class archive and of the
 * JVM's library; an idle service needs a tenth of them. Pages of files that nobody wrote to are
 * given back (madvise(2), MADV_DONTNEED) and come again from the page cache when they are touched:
 * nothing can be lost, as only read-only private mappings without a page of their own are taken.
 * Linux only; elsewhere, and where the kernel says no, nothing happens.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
public final class ResidentPages {
    private static final Path MAPS = Path.of("/proc/self/smaps");
    private static final int MADV_DONTNEED = 4;

    /** Smaller ones are not worth a call. */
    private static final long SMALLEST = 1L << 20;

    private static final Duration SETTLED = Duration.ofSeconds(15);
    private static final Duration AGAIN = Duration.ofMinutes(10);

    private static final Pattern HEAD =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[-x]p [0-9a-f]+ \\S+ \\d+ +(/.*)");

    /**
     * Pages that are no longer the file's, in memory or swapped out. Not "dirty": that is also a
     * page of a file that was written a moment ago, by the installation, and is safe in the cache.
     */
    private static final Pattern OWN = Pattern.compile("(?:Anonymous|Swap): +(\\d+) kB");

    private ResidentPages() {}

    /** A read-only mapping of a file without a page of its own. */
    record Mapping(long start, long length, String file) {}

    /** Gives back once the start has settled, and every ten minutes; one daemon thread. */
    public static void keepFew() {
        Optional<MethodHandle> madvise = madvise();
        if (madvise.isEmpty() || !Files.isReadable(MAPS)) {
            return;
        }
        Thread.ofVirtual()
                .name("resident-pages")
                .start(() -> {
                    try {
                        Thread.sleep(SETTLED);
                        while (true) {
                            giveBack(madvise.get());
                            Thread.sleep(AGAIN);
                        }
                    } catch (InterruptedException | IOException e) {
                        // The pages stay: that costs memory, nothing else.
                    }
                });
    }

    private static void giveBack(MethodHandle madvise) throws IOException {
        for (Mapping mapping : clean(Files.readAllLines(MAPS))) {
            try {
                int ignored =
                        (int)
                                madvise.invokeExact(
                                        MemorySegment.ofAddress(mapping.start()),
                                        mapping.length(),
                                        MADV_DONTNEED);
                assert ignored <= 0;
            } catch (Throwable e) { // declared by invokeExact
                return;
            }
        }
    }

    /**
     * What may be given back.
     *
     * @param smaps lines of proc_pid_smaps(5)
     */
    static List<Mapping> clean(List<String> smaps) {
        List<Mapping> found = new ArrayList<>();
        Mapping current = null;
        for (String line : smaps) {
            if (!line.isEmpty() && line.charAt(0) != ' ' && line.indexOf('-') > 0) {
                Matcher head = HEAD.matcher(line);
                boolean isHead = line.matches("[0-9a-f]+-[0-9a-f]+ .*");
                if (isHead) {
                    if (current != null) {
                        found.add(current);
                    }
                    current = head.matches() ? mapping(head) : null;
                    continue;
                }
            }
            Matcher own = OWN.matcher(line);
            if (own.matches() && !own.group(1).equals("0")) {
                current = null;
            }
        }
        if (current != null) {
            found.add(current);
        }
        return found.stream().filter(m -> m.length() >= SMALLEST).toList();
    }

    private static Mapping mapping(Matcher head) {
        long start = Long.parseUnsignedLong(head.group(1), 16);
        long end = Long.parseUnsignedLong(head.group(2), 16);
        return new Mapping(start, end - start, head.group(3));
    }

    private static Optional<MethodHandle> madvise() {
        Linker linker = Linker.nativeLinker();
        return System.getProperty("os.name", "").equals("Linux")
                ? linker.defaultLookup()
                        .find("madvise")
                        .map(f ->
                                linker.downcallHandle(
                                        f,
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT,
                                                ValueLayout.ADDRESS,
                                                ValueLayout.JAVA_LONG,
                                                ValueLayout.JAVA_INT)))
                : Optional.empty();
    }
}
