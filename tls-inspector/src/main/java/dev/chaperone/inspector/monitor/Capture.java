// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.io.EOFException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.core.Pcaps;

/**
 * Frames from the kernel or from a file, by libpcap. The only class that touches native code. For
 * one thread.
 */
final class Capture implements AutoCloseable {
    /** Linux: one handle that sees every interface, those that come later too. */
    static final String EVERY_INTERFACE = "any";

    /**
     * A hello and its headers. The card cuts segments later than they are seen here, so that a
     * hello of several segments is often one frame.
     */
    private static final int SNAPLEN = 8192;

    /** The kernel's buffer: a hundred hellos at once. */
    private static final int BUFFER = 1 << 20;

    private static final int IDLE_MILLIS = 1000;

    private static final String MISSING =
            "libpcap is not installed; install it (Debian: libpcap0.8, Fedora: libpcap)";

    private final PcapHandle handle;
    private final int linkType;

    private Capture(PcapHandle handle) {
        this.handle = handle;
        this.linkType = handle.getDlt().value();
    }

    /**
     * Opens an interface.
     *
     * @throws CaptureException when libpcap, the privilege or the interface is missing
     */
    static Capture open(String device) throws CaptureException {
        try {
            return new Capture(
                    new PcapHandle.Builder(device)
                            .snaplen(SNAPLEN)
                            .promiscuousMode(PromiscuousMode.NONPROMISCUOUS)
                            .timeoutMillis(IDLE_MILLIS)
                            // Whose connection it is can be asked only while it lives.
                            .immediateMode(true)
                            .bufferSize(BUFFER)
                            .build());
        } catch (PcapNativeException e) {
            throw new CaptureException(
                    "cannot capture on "
                            + device
                            + ": the privilege CAP_NET_RAW or the address family AF_PACKET is missing,"
                            + " or the interface is not there; see 'The passive monitor' in"
                            + " docs/command-line.md",
                    e);
        } catch (LinkageError e) {
            throw new CaptureException(missing() + ", or take 'monitor' out of the policy", e);
        }
    }

    /**
     * Opens a file that tcpdump or Wireshark wrote.
     *
     * @throws CaptureException when it cannot be read, or libpcap is missing
     */
    static Capture open(Path file) throws CaptureException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw CaptureException.badFile(file + ": no file that can be read; name another");
        }
        try {
            return new Capture(Pcaps.openOffline(file.toString()));
        } catch (PcapNativeException e) {
            throw CaptureException.badFile(
                    file + ": no capture file of tcpdump or Wireshark, so that nothing is read");
        } catch (LinkageError e) {
            throw new CaptureException(missing(), e);
        }
    }

    /** Which of the two libraries it is: libpcap, or the one by which Java calls it. */
    private static String missing() {
        try {
            Class<?> ignored = Class.forName("com.sun.jna.Native");
            return MISSING;
        } catch (ClassNotFoundException | LinkageError e) {
            return "libpcap cannot be called: JNA's library is not where jna.boot.library.path says, or nothing may"
                    + " run in "
                    + System.getProperty("java.io.tmpdir")
                    + ", where it is unpacked; install the package again, or name another folder:"
                    + " JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER";
        }
    }

    /** The DLT value. */
    int linkType() {
        return linkType;
    }

    /** Lets the kernel copy what a filter says, and no more. */
    void filter(String text) throws CaptureException {
        try {
            handle.setFilter(text, BpfCompileMode.OPTIMIZE);
        } catch (PcapNativeException | NotOpenException e) {
            throw new CaptureException("this libpcap or kernel takes no such filter", e);
        }
    }

    /**
     * The next frame.
     *
     * @return null when none came within a second, or a file is at its end
     * @throws CaptureException when the interface went away, or a file is damaged
     */
    byte @Nullable [] next() throws CaptureException {
        try {
            return handle.getNextRawPacketEx();
        } catch (EOFException | TimeoutException e) {
            return null;
        } catch (PcapNativeException | NotOpenException e) {
            throw new CaptureException("the capture ended: the interface went away", e);
        }
    }

    /** Frames that the kernel had no room for. */
    long dropped() {
        try {
            return handle.getStats().getNumPacketsDropped();
        } catch (PcapNativeException | NotOpenException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
