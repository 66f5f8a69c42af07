// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The monitor's own process: reads from its agent which hosts to watch, a line {@code hosts HOST…}
 * each time they change, and writes a line for each connection to one of them. It ends with its
 * input. Bytes of strangers are parsed here and nowhere else.
 */
public final class MonitorProcess {
    private static final long REPORT_EVERY = Duration.ofMinutes(1).toNanos();

    /** A filter is compiled at most this often, however many connections send much. */
    private static final long FILTER_EVERY = Duration.ofMillis(200).toNanos();

    private final PrintStream out;
    private final AtomicReference<WatchedHosts> hosts =
            new AtomicReference<>(new WatchedHosts(List.of()));
    private final HelloWatch watch = new HelloWatch(hosts::get);
    private final BulkFlows bulk = new BulkFlows();
    private boolean filterIsOld;
    private long filtered;
    private String lastFigures = "";

    private MonitorProcess(PrintStream out) {
        this.out = out;
    }

    /**
     * Watches an interface until the input ends.
     *
     * @param in what the agent says
     * @param out what the agent reads
     * @param device null for every interface
     * @throws CaptureException when nothing can be captured
     */
    public static void live(BufferedReader in, PrintStream out, @Nullable String device)
            throws CaptureException {
        MonitorProcess monitor = new MonitorProcess(out);
        try (Capture capture = Capture.open(device == null ? Capture.EVERY_INTERFACE : device)) {
            capture.filter(CaptureFilter.text(List.of()));
            out.println("ready");
            Thread.ofPlatform().daemon().name("hosts").start(() -> monitor.obey(in));
            monitor.run(capture);
        }
    }

    /**
     * Reads a capture file.
     *
     * @param patterns hosts to watch
     * @throws CaptureException when it cannot be read to its end; what stands before is told
     */
    public static void file(Path file, List<String> patterns, PrintStream out)
            throws CaptureException {
        MonitorProcess monitor = new MonitorProcess(out);
        monitor.hosts.set(new WatchedHosts(patterns));
        try (Capture capture = Capture.open(file)) {
            if (!Frames.knows(capture.linkType())) {
                throw CaptureException.badFile(
                        file
                                + ": link type "
                                + capture.linkType()
                                + " is not read; record Ethernet, or every interface (tcpdump -i any)");
            }
            capture.filter(CaptureFilter.text(List.of()));
            monitor.readToEnd(file, capture);
            out.println("unread-quic " + monitor.watch.unreadQuic());
        }
    }

    private void readToEnd(Path file, Capture capture) throws CaptureException {
        try {
            for (byte[] f = capture.next(); f != null; f = capture.next()) {
                Frames.read(capture.linkType(), f).ifPresent(p -> see(p, 0));
            }
        } catch (CaptureException e) {
            throw CaptureException.badFile(
                    file + ": damaged or cut off; what stands before that was read");
        }
    }

    private void run(Capture capture) throws CaptureException {
        long reported = System.nanoTime();
        while (!out.checkError()) {
            byte[] frame = capture.next();
            long now = System.nanoTime();
            if (frame != null) {
                Optional<Packet> packet = Frames.read(capture.linkType(), frame);
                if (packet.isPresent()) {
                    filterIsOld |= bulk.count(packet.get());
                    see(packet.get(), now);
                }
            }
            if (filterIsOld && now - filtered > FILTER_EVERY) {
                filterIsOld = false;
                filtered = now;
                capture.filter(CaptureFilter.text(bulk.muted()));
            }
            if (now - reported > REPORT_EVERY) {
                reported = now;
                report(capture);
            }
        }
    }

    private void see(Packet packet, long now) {
        watch.see(packet, now).ifPresent(s -> out.println(s.line()));
    }

    private void report(Capture capture) {
        String figures = "figures " + capture.dropped() + " " + watch.unreadQuic();
        if (!figures.equals(lastFigures)) {
            out.println(figures);
            lastFigures = figures;
        }
    }

    /** Takes lines of the agent; when they end, so does the process. */
    private void obey(BufferedReader in) {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("hosts ")) {
                    hosts.set(new WatchedHosts(List.of(line.substring(6).split(" "))));
                }
            }
        } catch (IOException e) {
            // The agent is gone.
        }
        Runtime.getRuntime().halt(0);
    }
}
