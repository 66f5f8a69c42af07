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

    private final ServiceManager manager;
    private final InetSocketAddress proxy;
    private final Thread thread;

    private Watchdog(ServiceManager manager, InetSocketAddress proxy, Duration limit) {
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
     */
    public static Watchdog start(ServiceManager manager, InetSocketAddress proxy, Duration limit) {
        Watchdog watchdog = new Watchdog(manager, proxy, limit);
        watchdog.thread.start();
        return watchdog;
    }

    private void run(Duration pause) {
        try {
            while (true) {
                if (answers(proxy)) {
                    boolean told = manager.alive();
                    assert told || !told; // nobody to tell it to otherwise
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
