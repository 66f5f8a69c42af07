// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.server.http.ServerTls;
import dev.chaperone.server.ingest.Retention;
import dev.chaperone.server.policy.PolicyShelf;
import dev.chaperone.server.store.StorageException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What is to be done now and then: the leaf, the policy's signature, the retention. */
final class Maintenance implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Maintenance.class.getName());
    private static final long FIRST_MINUTES = 1;
    private static final long EVERY_MINUTES = 60;

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("maintenance").daemon(true).factory());

    private Maintenance() {}

    static Maintenance start(ServerTls tls, PolicyShelf shelf, Retention retention) {
        Maintenance m = new Maintenance();
        m.timer.scheduleWithFixedDelay(
                () -> once(tls, shelf, retention), FIRST_MINUTES, EVERY_MINUTES, TimeUnit.MINUTES);
        return m;
    }

    private static void once(ServerTls tls, PolicyShelf shelf, Retention retention) {
        try {
            tls.renew();
            shelf.refresh();
            long deleted = retention.run();
            if (deleted > 0) {
                LOG.log(Level.INFO, "retention: {0} events deleted", deleted);
            }
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "CHP-SRV-004 maintenance waits for the next hour");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // A timer that throws never runs again.
            LOG.log(Level.ERROR, "CHP-SRV-070 {0} in maintenance", e.getClass().getName());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
