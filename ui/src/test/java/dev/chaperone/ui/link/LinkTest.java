// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import dev.chaperone.ui.testing.TestAgent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkTest {
    private @TempDir Path folder;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final AgentListener listener =
            new AgentListener() {
                @Override
                public void connected(List<Question> open, long read) {
                    told.add("connected " + open.size());
                }

                @Override
                public void disconnected() {
                    told.add("disconnected");
                }

                @Override
                public void asked(Question question, long read) {
                    told.add("asked");
                }

                @Override
                public void withdrawn(Settled settled) {
                    told.add("withdrawn");
                }

                @Override
                public void noticed(Notice notice) {
                    told.add("noticed");
                }

                @Override
                public void status(AgentStatus status) {
                    told.add("status " + status.version());
                }
            };

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(15, TimeUnit.SECONDS));
    }

    @Test
    void subscribesThenListsInTheReadersLanguage() throws Exception {
        Path socket = folder.resolve("s");
        try (TestAgent agent = new TestAgent(socket);
                AgentLink link = new AgentLink(socket, "de", listener)) {
            link.start();
            assertThat(next()).isEqualTo("connected 0");
            assertThat(agent.requests(Ipc.SUBSCRIBE))
                    .containsExactly(
                            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscribe\",\"params\":{\"language\":\"de\"}}");
            assertThat(agent.requests(Ipc.PENDING))
                    .containsExactly(
                            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"pending\",\"params\":{\"language\":\"de\"}}");
            agent.tell(Ipc.STATUS, new AgentStatus(0, "7", List.of()));
            assertThat(next()).isEqualTo("status 7");
        }
    }

    @Test
    void connectsWhenTheAgentComesAndAgainWhenItRestarts() throws Exception {
        Path socket = folder.resolve("s");
        try (AgentLink link = new AgentLink(socket, "en", listener)) {
            link.start();
            link.tried().get(15, TimeUnit.SECONDS);
            assertThat(catchThrowable(() -> link.activity().join()))
                    .satisfies(e ->
                            assertThat(AgentException.codeOf(e))
                                    .isEqualTo(AgentException.NO_AGENT));
            for (int i = 0; i < 2; i++) {
                try (TestAgent _ = new TestAgent(socket)) {
                    assertThat(next()).isEqualTo("connected 0");
                }
                assertThat(next()).isEqualTo("disconnected");
            }
        }
    }

    @Test
    void agentThatRefusesIsAskedAgainLater() throws Exception {
        Path socket = folder.resolve("s");
        try (TestAgent agent =
                        new TestAgent(socket)
                                .reply(
                                        Ipc.PENDING,
                                        _ -> TestAgent.Reply.error(Ipc.FOREIGN_PEER, "no"));
                AgentLink link = new AgentLink(socket, "en", listener)) {
            link.start();
            assertThat(next()).isEqualTo("disconnected");
            assertThat(next()).isEqualTo("disconnected");
            assertThat(agent.requests(Ipc.SUBSCRIBE)).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void callInFlightFailsWhenTheAgentGoes() throws Exception {
        Path socket = folder.resolve("s");
        try (TestAgent agent = new TestAgent(socket);
                AgentLink link = new AgentLink(socket, "en", listener)) {
            link.start();
            assertThat(next()).isEqualTo("connected 0");
            agent.reply(
                    Ipc.ANSWER,
                    _ -> {
                        agent.drop();
                        return TestAgent.Reply.of(true);
                    });
            assertThat(
                            catchThrowable(() ->
                                    link.answer(UUID.randomUUID(), new Choice.Cancel()).join()))
                    .satisfies(e ->
                            assertThat(AgentException.codeOf(e))
                                    .isEqualTo(AgentException.NO_AGENT));
        }
    }

    @Test
    void longLineIsPassedOverAndTheNextIsRead() throws IOException {
        String text = "short\n" + "x".repeat(40_000) + "\n\nlast\nno end";
        LineReader in =
                new LineReader(
                        Channels.newChannel(
                                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))),
                        1000);
        assertThat(in.next().orElseThrow().bytes()).asString().isEqualTo("short");
        assertThat(in.next().orElseThrow().tooLong()).isTrue();
        assertThat(in.next().orElseThrow().bytes()).isEmpty();
        assertThat(in.next().orElseThrow().bytes()).asString().isEqualTo("last");
        assertThat(in.next()).isEmpty();
    }

    @Test
    void waitsGrowToABoundAndStartAnew() {
        BackOff waits = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(2), new Random(7));
        long last = 0;
        for (int i = 0; i < 40; i++) {
            last = waits.next().toMillis();
            assertThat(last).isBetween(50L, 2000L);
        }
        assertThat(last).isGreaterThanOrEqualTo(1000L);
        waits.reset();
        assertThat(waits.next().toMillis()).isBetween(50L, 100L);
    }
}
