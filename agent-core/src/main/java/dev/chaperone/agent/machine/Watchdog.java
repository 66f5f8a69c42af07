// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Says "alive" to the service manager for as long as the proxy really answers: a proxy that hangs
 * is worse than one that is gone, as browsers go direct only past a closed port. One daemon thread.
 */
public final class Watchdog implements AutoCloseable {
    private static final int PROBE_MILLIS = 2000;
    private static final int SHARE = 3;

    /** Misses in a row after which the manager's patience is nearly over. */
    private static final int HANGS = 2;

    private final ServiceManager manager;
    private final InetSocketAddress proxy;
    private final Runnable hangs;
    private final Thread thread;

    private Watchdog(
            ServiceManager manager, InetSocketAddress proxy, Duration limit, Runnable hangs) {
        this.hangs = hangs;
        this.manager = manager;
        this.proxy = proxy;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("watchdog")
                        .unstarted(() -> run(limit.dividedBy(SHARE)));
    }

    /**
     * Starts it.
     *
     * @param proxy where the proxy listens
     * @param limit after which the manager kills the service
     * @param hangs run once before it does so, when the proxy no longer answers
     */
    public static Watchdog start(
            ServiceManager manager, InetSocketAddress proxy, Duration limit, Runnable hangs) {
        Watchdog watchdog = new Watchdog(manager, proxy, limit, hangs);
        watchdog.thread.start();
        return watchdog;
    }

    private void run(Duration pause) {
        try {
            int missed = 0;
            while (true) {
                if (answers(proxy)) {
                    missed = 0;
                    boolean told = manager.alive();
                    assert told || !told; // nobody to tell it to otherwise
                } else if (++missed == HANGS) {
                    hangs.run();
                }
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the proxy serves its {@code proxy.pac} within two seconds. */
    public static boolean answers(InetSocketAddress proxy) {
        try (Socket socket = new Socket()) {
            socket.connect(proxy, PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.getOutputStream()
                    .write(
                            "GET /proxy.pac HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
