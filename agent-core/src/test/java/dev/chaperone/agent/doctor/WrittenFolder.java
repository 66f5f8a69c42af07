// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventStore;
import dev.chaperone.agent.sync.BundleKeeper;
import dev.chaperone.agent.sync.KeptIssuance;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The data folder of an enrolled device, written file by file as an agent leaves it. */
record WrittenFolder(Path path) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String DEVICE = "device-1";

    /** How long a root of {@link DeviceRoot} lasts, but for leap days. */
    static final Duration ROOT_LIFE = Duration.ofDays(3650);

    static Check named(List<Check> checks, String name) {
        return checks.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }

    void enrolled() throws IOException {
        write(
                "server.json",
                new ServerLink(
                        DEVICE,
                        "sales",
                        "",
                        "",
                        URI.create("https://server.test:8444"),
                        "",
                        "device-key-a"));
    }

    /** What the last round with the server left. */
    void synced(@Nullable Instant done, long pending, @Nullable Long clockOffset, String problem)
            throws IOException {
        synced(
                done,
                pending,
                clockOffset,
                problem,
                problem.isEmpty() ? BundleKeeper.State.FRESH : BundleKeeper.State.REFUSED,
                null);
    }

    void synced(
            @Nullable Instant done,
            long pending,
            @Nullable Long clockOffset,
            String problem,
            BundleKeeper.State policy,
            @Nullable String lifecycle)
            throws IOException {
        write(
                "sync-status.json",
                new SyncStatus(
                        DEVICE,
                        "https://server.test:8444",
                        7,
                        pending,
                        done,
                        problem,
                        3,
                        policy,
                        policy != BundleKeeper.State.REFUSED
                                ? null
                                : "its signature is not the server's",
                        clockOffset,
                        lifecycle));
    }

    /** Certificates that the server signed, of which one ends so long after now. */
    void issued(Instant now, Duration left, List<Issuance.Refused> refused) throws IOException {
        Files.createDirectories(path.resolve("certificates"));
        List<Issuance.Intermediate> intermediates =
                List.of(
                        new Issuance.Intermediate("one", pem(now, ROOT_LIFE)),
                        new Issuance.Intermediate("two", pem(now, left)));
        issued(now, intermediates, refused);
    }

    /** One certificate of the server's, under roots of these. */
    void issued(Instant now, List<String> roots) throws IOException {
        issued(
                now,
                List.of(new Issuance.Intermediate("one", pem(now, ROOT_LIFE))),
                List.of(),
                roots);
    }

    void issued(
            Instant now, List<Issuance.Intermediate> intermediates, List<Issuance.Refused> refused)
            throws IOException {
        issued(now, intermediates, refused, List.of(pem(now, ROOT_LIFE)));
    }

    private void issued(
            Instant now,
            List<Issuance.Intermediate> intermediates,
            List<Issuance.Refused> refused,
            List<String> roots)
            throws IOException {
        Files.createDirectories(path.resolve("certificates"));
        write(
                "certificates/" + DEVICE + ".json",
                new KeptIssuance(
                        "issuing-key-a",
                        "",
                        List.of(),
                        new Issuance.Answer(intermediates, "", roots, refused, "s"),
                        now));
    }

    /** A certificate that ends so long after now. */
    static String pem(Instant now, Duration left) {
        Instant made = now.plus(left).minus(ROOT_LIFE);
        return Pem.encode(DeviceRoot.create("Made at " + made, made).certificate());
    }

    /** One prompt that was only warned of, with a connection that passed by the proxy. */
    void recorded(Instant at) throws Exception {
        recorded(at, "app", "service-marker", Map.of("bypassed_proxy", 2), Action.WARN);
    }

    void recorded(
            Instant at, String app, String service, Map<String, Integer> unread, Action action)
            throws Exception {
        UUID id = UUID.randomUUID();
        Event event =
                new Event(
                        id,
                        1,
                        0,
                        0,
                        at,
                        0,
                        service,
                        "chat",
                        "prompt",
                        "host.test",
                        null,
                        new Event.App(app, null, null),
                        Event.Actor.PERSON,
                        "user",
                        null,
                        "code",
                        Map.of("SECRET.x", 1),
                        Map.of(),
                        Map.of(),
                        Stage.REQUEST,
                        action,
                        "rule-marker",
                        "explanation-marker",
                        Outcome.SENT_REDACTED,
                        unread,
                        null,
                        0,
                        10,
                        20,
                        "policy@1",
                        List.of(),
                        id);
        try (EventStore store = new EventStore(path, new FileKeyVault(path.resolve("keys")))) {
            store.commit(event);
        }
    }

    /** What an agent says of itself; this process stands for it. */
    void running(String address, String more) throws IOException {
        Files.writeString(
                path.resolve("status"),
                "pid=%d%naddress=%s%n%s%n".formatted(ProcessHandle.current().pid(), address, more));
    }

    /** Events that the store gave up. */
    void dropped(int events) throws Exception {
        sql("INSERT INTO dropped VALUES ((SELECT MAX(epoch) FROM sequence), " + events + ")");
    }

    /** A crash that may have cost as many events. */
    void lost(int events) throws Exception {
        sql("INSERT INTO losses (epoch, from_seq, to_seq, at) VALUES (1, 1, " + events + ", 0)");
    }

    private void sql(String statement) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + path.resolve("events.db"));
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private void write(String file, Object value) throws IOException {
        Files.write(path.resolve(file), JSON.writeValueAsBytes(value));
    }
}
