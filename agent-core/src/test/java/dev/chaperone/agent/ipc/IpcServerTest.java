// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.agent.coach.CoachingDesk;
import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.agent.coach.Matters;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AnswerRequest;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.model.ipc.Paused;
import dev.chaperone.model.ipc.Question;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class IpcServerTest {
    private static final long ANN = 1000;
    private static final long BOB = 1001;
    private static final long ROOT = 0;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final CoachingDesk desk = new CoachingDesk(InstantSource.system());
    private final SampleViews views = new SampleViews();
    private final Queue<Peer> peers = new ConcurrentLinkedQueue<>();

    @SuppressWarnings("NullAway.Init") // set before each
    private IpcServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                IpcServer.start(
                        folder.resolve("s"),
                        desk,
                        views,
                        new IpcServer.Access(
                                _ -> peers.remove(),
                                uid -> uid != 4242,
                                (peer, via) ->
                                        peer.pid() == 1 && via == Via.UI
                                                ? Optional.empty()
                                                : Optional.of("guarded"),
                                "rw-rw----"));
    }

    @AfterEach
    void stop() {
        desk.close();
        server.close();
    }

    private IpcClient connect(long pid, long uid) throws Exception {
        peers.add(new Peer(pid, uid));
        return IpcClient.connect(server.path());
    }

    /** A question of Ann's whose request was refused. */
    private void refuse() throws Exception {
        Consultation said = desk.consult(Matters.of(ANN, Action.BLOCK, "hers secret1"));
        assertThat(said.question()).isNotNull();
    }

    private static JsonNode error(IpcClient client, String line) throws Exception {
        client.send((line + "\n").getBytes(StandardCharsets.UTF_8));
        return client.next().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"jsonrpc\" | -32700",
                "nonsense | -32700",
                "{} {} | -32700",
                "[] | -32600",
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pending\"}] | -32600",
                "17 | -32600",
                "null | -32600",
                "{\"id\":1,\"method\":\"pending\"} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"pending\"} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"shutdown\"} | -32601",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"answer\"} | -32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"answer\",\"params\":[1]} | -32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"answer\",\"params\":{\"id\":\"x\"}} | -32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"answer\",\"params\":{\"id\":\"x\",\"choice\":{\"do\":\"explode\"},\"via\":\"UI\"}} | -32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"answer\",\"params\":{\"id\":\"x\",\"choice\":{\"do\":\"send\"},\"via\":\"UI\"}} | -32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"answer\",\"params\":{\"id\":\"x\",\"choice\":{\"do\":\"redact\",\"marks\":[null]},\"via\":\"UI\"}} | -32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"answer\",\"params\":{\"id\":\"x\",\"choice\":{\"do\":\"cancel\"},\"via\":\"UI\"}} | -32002",
            })
    void badInputGetsItsErrorAndTheConnectionLives(String line, int code) throws Exception {
        try (IpcClient client = connect(1, ANN)) {
            JsonNode error = error(client, line);
            assertThat(error.path("error").path("code").asInt()).isEqualTo(code);
            assertThat(error.path("error").path("message").asString()).doesNotContain("explode");
            assertThat(client.call(Ipc.PENDING, Map.of())).isEmpty();
        }
    }

    @Test
    void deepJsonIsAnErrorAndNoOverflow() throws Exception {
        try (IpcClient client = connect(1, ANN)) {
            JsonNode error = error(client, "[".repeat(500_000));
            assertThat(error.path("error").path("code").asInt()).isEqualTo(Ipc.PARSE_ERROR);
        }
    }

    @Test
    void oversizedLineEndsTheConnection() throws Exception {
        try (IpcClient client = connect(1, ANN)) {
            JsonNode error = error(client, "\"" + "x".repeat(Ipc.MAX_LINE) + "\"");
            assertThat(error.path("error").path("code").asInt()).isEqualTo(Ipc.INVALID_REQUEST);
            assertThat(client.next()).isEmpty();
        }
        try (IpcClient next = connect(1, ANN)) {
            assertThat(next.call(Ipc.PENDING, Map.of())).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"4242", "-1"})
    void processOfAForeignUserIsTurnedAway(long uid) throws Exception {
        try (IpcClient client = connect(1, uid)) {
            JsonNode error = client.next().orElseThrow();
            assertThat(error.path("error").path("code").asInt()).isEqualTo(Ipc.FOREIGN_PEER);
            assertThat(client.next()).isEmpty();
        }
    }

    @Test
    void realPeerIsThisProcess() throws Exception {
        IpcServer.Access real = IpcServer.Access.of(-7);
        CompletableFuture<Peer> seen = new CompletableFuture<>();
        try (IpcServer other =
                        IpcServer.start(
                                folder.resolve("t"),
                                desk,
                                views,
                                new IpcServer.Access(
                                        channel -> {
                                            Peer peer = real.peers().apply(channel);
                                            seen.complete(peer);
                                            return peer;
                                        },
                                        real.admitted(),
                                        real.guard(),
                                        real.mode()));
                IpcClient client = IpcClient.connect(other.path())) {
            assertThat(seen.get(5, TimeUnit.SECONDS).pid())
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(seen.get().uid())
                    .isEqualTo(((Number) Files.getAttribute(folder, "unix:uid")).longValue());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(other.path())))
                    .isEqualTo("rw-------");
            assertThat(client).isNotNull();
        }
        assertThat(folder.resolve("t")).doesNotExist();
    }

    @Test
    void everyUserSeesTheirOwnRecordsOnly() throws Exception {
        try (IpcClient ann = connect(1, ANN);
                IpcClient bob = connect(2, BOB)) {
            assertThat(ann.call(Ipc.ACTIVITY, Map.of()).get(0).path("app").asString())
                    .isEqualTo("app-of-" + ANN);
            assertThat(
                            bob.call(Ipc.LEDGER, Map.of("language", "de"))
                                    .path("enforcement")
                                    .asString())
                    .isEqualTo("de for " + BOB);
            assertThat(bob.call(Ipc.FORGET, Map.of()).asLong()).isEqualTo(BOB);
        }
    }

    @Test
    void activitySinceAndItsErrors() throws Exception {
        try (IpcClient ann = connect(1, ANN)) {
            assertThat(
                            ann.call(Ipc.ACTIVITY, Map.of("since", "2026-11-01T00:00:00Z"))
                                    .get(0)
                                    .path("at")
                                    .asString())
                    .isEqualTo("2026-11-01T00:00:00Z");
            assertThatThrownBy(() -> ann.call(Ipc.ACTIVITY, Map.of("since", "yesterday")))
                    .hasMessage("the params are not those of the method");
            views.broken = true;
            assertThatThrownBy(() -> ann.call(Ipc.ACTIVITY, Map.of()))
                    .hasMessageContaining("cannot be read");
        }
    }

    @Test
    void noticesAndConditionsGoToTheirUser() throws Exception {
        try (IpcClient ann = connect(1, ANN);
                IpcClient bob = connect(2, BOB)) {
            assertThat(ann.call(Ipc.SUBSCRIBE, Map.of("language", "de")).asBoolean()).isTrue();
            assertThat(bob.call(Ipc.SUBSCRIBE, Map.of()).asBoolean()).isTrue();
            server.tell(ANN, new Notice(new UUID(0, 7), "svc", "app", Action.WARN, "hers only"));
            assertThat(told(ann, Ipc.NOTIFY).path("message").asString()).isEqualTo("hers only");
            server.tell(BOB, new Notice(new UUID(0, 8), "svc", "app", Action.WARN, "his only"));
            assertThat(told(bob, Ipc.NOTIFY).path("message").asString()).isEqualTo("his only");
        }
    }

    @Test
    void statusBringsTheConditionsInTheReadersLanguage() throws Exception {
        try (IpcClient ann = connect(1, ANN)) {
            assertThat(ann.call(Ipc.SUBSCRIBE, Map.of("language", "de")).asBoolean()).isTrue();
            JsonNode status = told(ann, Ipc.STATUS);
            while (status.path("checks").isEmpty()) {
                status = told(ann, Ipc.STATUS);
            }
            assertThat(status.path("checks").get(0).path("says").asString())
                    .isEqualTo("says in de");
        }
    }

    @Test
    @Timeout(20)
    void pauseIsToldWhileOtherConditionsAreStillLookedAt() throws Exception {
        try (IpcClient ann = connect(1, ANN)) {
            assertThat(ann.call(Ipc.SUBSCRIBE, Map.of()).asBoolean()).isTrue();
            while (told(ann, Ipc.STATUS).path("checks").isEmpty()) {}
            views.looking = new CountDownLatch(1);
            server.examine(); // holds, and must hold nobody
            views.pausedUntil = Instant.EPOCH;
            server.examine();
            JsonNode status = told(ann, Ipc.STATUS);
            assertThat(status.path("pause").path("until").asString())
                    .isEqualTo("1970-01-01T00:00:00Z");
            assertThat(status.path("checks").toString())
                    .contains("until 1970-01-01T00:00:00Z", "\"port\"");
            views.looking.countDown();
        }
    }

    /** The params of the next notification of a method. */
    private static JsonNode told(IpcClient client, String method) throws Exception {
        while (true) {
            JsonNode next = client.next().orElseThrow();
            if (next.path("method").asString("").equals(method)) {
                return next.path("params");
            }
        }
    }

    @Test
    void questionGoesToItsOwnersInterfaceOnly() throws Exception {
        try (IpcClient ann = connect(1, ANN);
                IpcClient bob = connect(1, BOB)) {
            assertThat(ann.call(Ipc.SUBSCRIBE, Map.of()).asBoolean()).isTrue();
            assertThat(bob.call(Ipc.SUBSCRIBE, Map.of()).asBoolean()).isTrue();
            CompletableFuture<Consultation> held =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return desk.consult(Matters.of(ANN, Action.BLOCK, "hers secret1"));
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            JsonNode coach = next(ann, Ipc.COACH);
            Question question = ann.value(coach.path("params"), Question.class);
            assertThat(question.passages().getFirst().text()).isEqualTo("hers secret1");
            assertThat(bob.call(Ipc.PENDING, Map.of())).isEmpty();
            assertThatThrownBy(() ->
                            bob.call(
                                    Ipc.ANSWER,
                                    new AnswerRequest(
                                            question.shortId(), Choice.Redact.all(), Via.UI)))
                    .isInstanceOf(IpcClient.RefusedException.class);
            JsonNode answered =
                    ann.call(
                            Ipc.ANSWER,
                            new AnswerRequest(
                                    question.id().toString(), new Choice.Cancel(), Via.UI));
            assertThat(answered.path("held").asBoolean()).isTrue();
            assertThat(held.get(5, TimeUnit.SECONDS).rulings()).hasSize(1);
            next(ann, Ipc.WITHDRAWN);
            // Everything that was ever sent to Bob: his own status, and no word of hers.
            assertThat(bob.call(Ipc.HISTORY, Map.of())).isEmpty();
            assertThat(bob.next().orElseThrow().toString())
                    .contains(Ipc.STATUS)
                    .doesNotContain("secret1", question.shortId());
        }
    }

    private static JsonNode next(IpcClient client, String method) throws Exception {
        while (true) {
            JsonNode message = client.next().orElseThrow();
            if (message.path("method").asString("").equals(method)) {
                return message;
            }
        }
    }

    @Test
    void rootSeesThatThereIsAQuestionAndNotItsText() throws Exception {
        refuse();
        try (IpcClient root = connect(1, ROOT)) {
            JsonNode pending = root.call(Ipc.PENDING, Map.of());
            assertThat(pending).hasSize(1);
            assertThat(pending.toString()).contains("ask").doesNotContain("secret1", "***");
            String id = pending.get(0).path("id").asString();
            assertThatThrownBy(() ->
                            root.call(
                                    Ipc.ANSWER,
                                    new AnswerRequest(id, new Choice.Send("why"), Via.UI)))
                    .isInstanceOfSatisfying(
                            IpcClient.RefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(Ipc.NOT_ALLOWED));
            assertThat(
                            root.call(
                                            Ipc.ANSWER,
                                            new AnswerRequest(id, new Choice.Cancel(), Via.UI))
                                    .path("held")
                                    .asBoolean())
                    .isFalse();
        }
    }

    @Test
    void guardDecidesByTheProcessAndNotByWhatItClaims() throws Exception {
        refuse();
        String id = desk.open(ANN).getFirst().shortId();
        AnswerRequest send = new AnswerRequest(id, new Choice.Send("why"), Via.UI);
        try (IpcClient agent = connect(2, ANN)) {
            assertThatThrownBy(() -> agent.call(Ipc.ANSWER, send)).hasMessage("guarded");
        }
        try (IpcClient person = connect(1, ANN)) {
            assertThat(person.call(Ipc.ANSWER, send).path("id").asString()).endsWith(id);
        }
    }

    @Test
    void cardIsInTheReadersLanguage() throws Exception {
        refuse();
        try (IpcClient client = connect(1, ANN)) {
            assertThat(client.call(Ipc.PENDING, Map.of("language", "de")).toString())
                    .contains("Hier steht eine Karten");
            assertThat(client.call(Ipc.PENDING, Map.of("language", "fr")).toString())
                    .contains("This holds a card");
        }
    }

    @Test
    void onlyWhoIsNotGuardedPausesAndOnlyForTheOwnUser() throws Exception {
        PauseRequest fine = new PauseRequest(15, "why", Via.UI);
        try (IpcClient client = connect(2, ANN)) {
            assertThatThrownBy(() -> client.call(Ipc.PAUSE, fine)).hasMessage("guarded");
            assertThat(client.call(Ipc.RESUME, Map.of()).asBoolean()).isTrue();
        }
        for (long uid : new long[] {ANN, ROOT}) {
            try (IpcClient client = connect(1, uid)) {
                Paused paused = client.value(client.call(Ipc.PAUSE, fine), Paused.class);
                assertThat(paused.until().getEpochSecond()).isEqualTo(uid);
                assertThatThrownBy(
                                () -> client.call(Ipc.PAUSE, new PauseRequest(31, "why", Via.UI)))
                        .hasMessage("too long for " + uid);
                assertThat(client.awaitStatus().pause())
                        .isEqualTo(new AgentStatus.Pause((int) uid, true, null));
            }
        }
    }

    @Test
    void pauseWithoutItsParamsIsAnError() throws Exception {
        try (IpcClient client = connect(1, ANN)) {
            for (String params : new String[] {"{}", "[]", "{\"minutes\":\"x\",\"via\":\"UI\"}"}) {
                JsonNode error =
                        error(
                                client,
                                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pause\",\"params\":"
                                        + params
                                        + "}");
                assertThat(error.path("error").path("code").asInt()).isEqualTo(Ipc.INVALID_PARAMS);
            }
        }
    }
}
