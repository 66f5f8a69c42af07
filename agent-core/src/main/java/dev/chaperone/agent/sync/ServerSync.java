// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.Version;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.store.EventSpool;
import dev.chaperone.agent.sync.BundleKeeper.InForce;
import dev.chaperone.agent.sync.ServerClient.Delivery;
import dev.chaperone.agent.sync.ServerClient.PolicyAnswer;
import dev.chaperone.inspector.UpstreamProxy;
import dev.chaperone.inspector.conn.ProxyRefusedException;
import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.EventBatch.HighWater;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Sends events to the server and fetches policies, on a thread of its own, for as long as the agent
 * runs. What cannot be sent stays in the spool; the pause between tries doubles to five minutes,
 * with jitter (exponential back-off, RFC 9110 §10.2.3 for the server's wish).
 */
public final class ServerSync implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration POLICY_EVERY = Duration.ofSeconds(30);
    private static final Duration STATUS_EVERY = Duration.ofSeconds(60);

    /** Events that come within it travel together. */
    private static final Duration GATHER = Duration.ofMillis(300);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration RENEW_BEFORE = Duration.ofDays(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

    private final Path dataDir;
    private final KeyVault vault;
    private final BundleKeeper bundles;
    private final Consumer<InForce> use;
    private final Supplier<Map<String, Long>> notInspected;
    private final @Nullable FleetCertificates certificates;
    private final Supplier<List<Issuance.Service>> wanted;
    private final SystemTrust systemTrust = new SystemTrust();
    private final LifecycleDelivery lifecycle;
    private final Optional<UpstreamProxy> wayOut;
    private final InstantSource clock;
    private final Semaphore wake = new Semaphore(0);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private ServerLink link;
    private volatile boolean closing;

    private @Nullable ServerClient client;
    private @Nullable DeviceStatus said;
    private Instant saidAt = Instant.MIN;
    private @Nullable String issuing;
    private @Nullable SyncStatus told;
    private Instant toldAt = Instant.MIN;
    private @Nullable String etag;
    private Instant policyAsked = Instant.MIN;
    private int failures;
    private String problem = "";
    private @Nullable Instant lastDone;
    private @Nullable Long clockOffset;

    /**
     * Starts the thread.
     *
     * @param bundles already loaded
     * @param use called with each new policy, on the sync's thread
     * @param notInspected reason → exchanges on opened hosts that were not inspected, since start
     * @param certificates what the organisation signs; null for a device with a root of its own
     * @param wanted what the agent opens now
     * @param wayOut the company's proxy, if the server is reached by it
     */
    public static ServerSync start(
            Path dataDir,
            KeyVault vault,
            ServerLink link,
            BundleKeeper bundles,
            Consumer<InForce> use,
            Supplier<Map<String, Long>> notInspected,
            @Nullable FleetCertificates certificates,
            Supplier<List<Issuance.Service>> wanted,
            Optional<UpstreamProxy> wayOut,
            InstantSource clock) {
        return new ServerSync(
                dataDir,
                vault,
                link,
                bundles,
                use,
                notInspected,
                certificates,
                wanted,
                wayOut,
                clock);
    }

    private ServerSync(
            Path dataDir,
            KeyVault vault,
            ServerLink link,
            BundleKeeper bundles,
            Consumer<InForce> use,
            Supplier<Map<String, Long>> notInspected,
            @Nullable FleetCertificates certificates,
            Supplier<List<Issuance.Service>> wanted,
            Optional<UpstreamProxy> wayOut,
            InstantSource clock) {
        this.wayOut = wayOut;
        this.dataDir = dataDir;
        this.vault = vault;
        this.link = link;
        this.bundles = bundles;
        this.use = use;
        this.notInspected = notInspected;
        this.certificates = certificates;
        this.wanted = wanted;
        this.clock = clock;
        this.lifecycle = new LifecycleDelivery(new LifecycleLog(dataDir, vault, clock));
        this.thread = Thread.ofPlatform().name("server-sync").daemon(true).start(this::run);
    }

    /** Says that there are new events. Any thread, at once. */
    public void wake() {
        wake.release();
    }

    private void run() {
        try {
            while (!closing) {
                try (EventSpool spool = new EventSpool(dataDir, vault)) {
                    rounds(spool);
                } catch (IOException e) {
                    // A disk that does not answer now may do so later.
                    Duration pause = failed(String.valueOf(e.getMessage()), null);
                    SyncStatus.write(dataDir, status(0, 0));
                    boolean ignored = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            // closed, and the server too slow for a last delivery
        } finally {
            disconnect();
        }
    }

    private void rounds(EventSpool spool) throws IOException, InterruptedException {
        while (!closing) {
            Duration pause = round(spool);
            tell(spool);
            if (failures > 0) {
                // New events are no reason to try a server again that is not there.
                boolean ignored = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
            } else if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                boolean ignored = closed.await(GATHER.toMillis(), TimeUnit.MILLISECONDS);
            }
            int ignored = wake.drainPermits();
        }
        // What was recorded last goes along, if the server is there.
        if (failures == 0 && client != null) {
            Optional<Duration> ignored = deliver(client, spool);
            try {
                lifecycle.deliver(client);
            } catch (ServerRefusedException e) {
                // It goes along after the next start.
            }
        }
    }

    /** One round; returns the pause until the next. Idle rounds say nothing to the server. */
    private Duration round(EventSpool spool) throws InterruptedException {
        try {
            if (client == null) {
                client = new ServerClient(link, vault, wayOut);
            }
            if (!clock.instant().isBefore(client.expires()) && renew(client)) {
                // After weeks without a server nothing else is taken (docs/adr/0015).
                disconnect();
                client = new ServerClient(link, vault, wayOut);
            }
            lifecycle.deliver(client); // first: it tells of a folder that was rolled back
            Optional<Duration> later = deliver(client, spool);
            if (later.isPresent()) {
                return later.get();
            }
            askForPolicy(client);
            sayStatus(client, spool);
            askForCertificates(client);
            if (renew(client)) {
                disconnect();
            }
            clockOffset = client.clockOffset();
            failures = 0;
            problem = "";
            lastDone = clock.instant();
            return EVERY;
        } catch (ServerRefusedException e) {
            return failed(String.valueOf(e.getMessage()), e.after());
        } catch (PkiException e) {
            return failed(
                    "the server's certificates cannot be used, the last ones stay: "
                            + e.getMessage(),
                    null);
        } catch (JacksonException e) {
            return failed("the server's answer is malformed", null);
        } catch (ProxyRefusedException e) {
            disconnect();
            return failed("no connection to the server: " + e.getMessage(), null);
        } catch (IOException e) {
            disconnect();
            // Its message may quote an address, no content.
            return failed("no connection to the server: " + e.getClass().getSimpleName(), null);
        }
    }

    private void disconnect() {
        if (client != null) {
            client.close();
            client = null;
            lifecycle.askAgain();
            policyAsked = Instant.MIN; // after an outage it is asked for at once
        }
    }

    private void sayStatus(ServerClient server, EventSpool spool)
            throws IOException, InterruptedException, ServerRefusedException {
        Instant now = clock.instant();
        DeviceStatus status = deviceStatus(spool);
        if (status.equals(said) && now.isBefore(saidAt.plus(STATUS_EVERY))) {
            return;
        }
        issuing = server.status(status);
        said = status;
        saidAt = now;
    }

    /** Empty when the server has everything. */
    private Optional<Duration> deliver(ServerClient client, EventSpool spool)
            throws IOException, InterruptedException {
        int rejected = 0;
        int most = EventBatch.MAX_EVENTS;
        while (!Thread.currentThread().isInterrupted()) {
            Optional<EventBatch> batch = spool.next(most);
            if (batch.isEmpty()) {
                return Optional.empty();
            }
            switch (client.deliver(batch.get())) {
                case Delivery.Marked(HighWater mark) when mark.epoch() > batch.get().epoch() -> {
                    return Optional.of(
                            failed(
                                    "the server knows a later event store of this device: its folder was"
                                            + " restored from a copy; enrol again: chaperone enroll TOKEN",
                                    null));
                }
                case Delivery.Marked marked -> {
                    long before = spool.delivered().seq();
                    spool.delivered(batch.get(), marked.mark());
                    most = most == 0 ? EventBatch.MAX_EVENTS : most;
                    if (spool.delivered().seq() <= before
                            && !batch.get().events().isEmpty()
                            && ++rejected > 2) {
                        return Optional.of(failed("the server does not take our events", null));
                    }
                }
                case Delivery.Later later -> {
                    return Optional.of(failed(later.why(), later.after()));
                }
                case Delivery.Refused refused -> {
                    int events = batch.get().events().size();
                    boolean countersOnly = events == 0 && !batch.get().repeats().isEmpty();
                    if (!refused.batch() || most == 0 || events == 0 && !countersOnly) {
                        return Optional.of(failed(refused.why(), null));
                    }
                    if (countersOnly) { // not worth another try
                        spool.delivered(
                                batch.get(), new HighWater(batch.get().epoch(), batch.get().to()));
                        continue;
                    }
                    // One event that the server does not take must not hold up the others: it is
                    // looked for by halves and becomes a loss that is itself delivered.
                    most = events / 2;
                    continue;
                }
            }
        }
        return Optional.empty();
    }

    private void askForPolicy(ServerClient client)
            throws IOException, InterruptedException, ServerRefusedException {
        Instant now = clock.instant();
        if (now.isBefore(policyAsked.plus(POLICY_EVERY))) {
            return;
        }
        PolicyAnswer answer = client.policy(etag);
        policyAsked = now;
        if (answer.envelope() != null) {
            bundles.offer(answer.envelope()).ifPresent(use);
            // One that was refused is asked for again: it may be good once the clock is right.
            etag = bundles.problem() == null ? answer.etag() : null;
        }
    }

    /** Also when the policy or the server's roots changed since the last answer. */
    private void askForCertificates(ServerClient client)
            throws IOException, InterruptedException, ServerRefusedException {
        List<Issuance.Service> services = wanted.get();
        if (certificates == null
                || issuing == null // it has no root any more: what is there serves to its end
                || !certificates.due(services, issuing, clock.instant())) {
            return;
        }
        Issuance.Answer answer = client.certificates(certificates.request(services));
        List<X509Certificate> before = certificates.roots();
        certificates.accept(services, answer, vault, clock.instant());
        if (!certificates.roots().equals(before)) {
            lifecycle.rootChanged(certificates.roots());
        }
    }

    /** True when there is a new certificate. */
    private boolean renew(ServerClient client)
            throws IOException, InterruptedException, ServerRefusedException {
        if (clock.instant().isBefore(client.expires().minus(RENEW_BEFORE))) {
            return false;
        }
        KeyPair keys = Keys.generate();
        Enrolment.Answer answer =
                client.renew(
                        new Enrolment.Request(
                                "",
                                CertificateRequests.create(keys),
                                Enroller.hostName(),
                                Enroller.operatingSystem(),
                                Version.number()));
        ServerLink renewed =
                new ServerLink(
                        link.device(),
                        answer.group(),
                        answer.certificate(),
                        link.ca(),
                        link.agents(),
                        link.policyKey(),
                        ServerLink.nextKeyName(Optional.of(link)));
        vault.put(renewed.keyName(), keys.getPrivate().getEncoded());
        renewed.write(dataDir);
        link = renewed;
        return true;
    }

    private DeviceStatus deviceStatus(EventSpool spool) throws IOException {
        return new DeviceStatus(
                Version.number(),
                bundles.version(),
                bundles.state().name().toLowerCase(Locale.ROOT),
                spool.delivered().epoch(),
                spool.last(),
                spool.lost(),
                notInspected.get(),
                certificates == null ? null : systemTrust.of(certificates.roots()));
    }

    private Duration failed(String why, @Nullable Duration wish) {
        problem = why;
        long pause =
                Math.min(
                        LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(failures, 10));
        failures++;
        long jittered = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
        return Duration.ofMillis(wish == null ? jittered : Math.max(jittered, wish.toMillis()));
    }

    /** Writes the file for {@code doctor} when something is new, and once a minute. */
    private void tell(EventSpool spool) throws IOException {
        long delivered = spool.delivered().seq();
        SyncStatus now = status(delivered, spool.last() - delivered);
        if (now.asOf(null).equals(told) && clock.instant().isBefore(toldAt.plus(STATUS_EVERY))) {
            return;
        }
        SyncStatus.write(dataDir, now);
        told = now.asOf(null);
        toldAt = clock.instant();
    }

    private SyncStatus status(long delivered, long pending) {
        return new SyncStatus(
                link.device(),
                link.agents().toString(),
                delivered,
                pending,
                lastDone,
                problem,
                bundles.version(),
                bundles.state(),
                bundles.problem(),
                clockOffset,
                lifecycle.finding());
    }

    /** Sends what is there, within three seconds, and ends. */
    @Override
    public void close() {
        closing = true;
        closed.countDown();
        wake.release();
        try {
            if (!thread.join(CLOSE_LIMIT)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
