// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that are held on one stream of an HTTP/2 connection. */
class CoachedStreamsTest {
    private static final String REFUND = "Refund ";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final Random random = new Random();
    private final String card = SampleSecrets.card(random);

    private Http2Upstream upstream;
    private CoachedAgent agent;
    private IpcClient ui;
    private SSLSocket socket;
    private Http2Connection connection;

    @BeforeEach
    @SuppressWarnings("NullAway.Init") // JUnit calls it
    void start() throws Exception {
        DeviceRoot root = DeviceRoot.create("HTTP/2 stand-in CA", Instant.now());
        Path ca = Files.writeString(folder.resolve("upstream.pem"), Pem.encode(root.certificate()));
        upstream = new Http2Upstream(CoachedAgent.HOST, root);
        // A question that ends by itself would let everything go.
        agent = new CoachedAgent(folder, "allow", upstream.port(), ca);
        ui = agent.ui();
        socket = agent.agent.open(CoachedAgent.HOST, "h2");
        socket.setSoTimeout(15_000);
        connection = Http2Connection.client(socket.getInputStream(), socket.getOutputStream());
    }

    @AfterEach
    void stop() throws Exception {
        socket.close();
        ui.close();
        agent.close();
        upstream.close();
    }

    private void send(int stream, String content) throws IOException {
        connection.send(
                stream,
                new String[] {
                    ":method", "POST",
                    ":scheme", "https",
                    ":authority", CoachedAgent.HOST,
                    ":path", CoachedAgent.CHAT,
                    "content-type", "application/json"
                },
                CoachedAgent.body(content),
                random);
    }

    /** The next answer is of this stream, and good. */
    private void assertAnswered(int stream) throws IOException {
        Http2Connection.Message answer = connection.read();
        assertThat(answer.stream()).isEqualTo(stream);
        assertThat(answer.head()).startsWith(":status: 200\n");
    }

    private String arrived() throws InterruptedException {
        return new String(upstream.next().body(), StandardCharsets.UTF_8);
    }

    private void assertNothingWasSent() {
        assertThat(new String(upstream.everything(), StandardCharsets.ISO_8859_1))
                .doesNotContain(REFUND, card);
    }

    @Test
    void otherStreamsGoOnWhileOneIsHeld() throws Exception {
        send(1, REFUND + card + " today");
        Question question = CoachedAgent.asked(ui);
        for (int stream = 3; stream < 9; stream += 2) {
            send(stream, "Hello " + stream);
            assertAnswered(stream);
            assertThat(arrived()).contains("Hello " + stream);
        }
        assertNothingWasSent();

        assertThat(agent.answer(ui, question.shortId(), Choice.Redact.all()).held()).isTrue();
        assertAnswered(1);
        assertThat(arrived()).contains(REFUND + "[CREDIT_CARD-1] today").doesNotContain(card);
        assertThat(agent.agent.awaitEvent(e -> e.action() == Action.COACH).outcome())
                .isEqualTo(Outcome.SENT_REDACTED);
    }

    @Test
    void cancelledStreamIsRefusedAndTheConnectionGoesOn() throws Exception {
        send(1, REFUND + card);
        agent.answer(ui, CoachedAgent.asked(ui).shortId(), new Choice.Cancel());
        Http2Connection.Message refused = connection.read();
        assertThat(refused.stream()).isEqualTo(1);
        assertThat(refused.head()).startsWith(":status: 400\n");
        assertThat(new String(refused.body(), StandardCharsets.UTF_8))
                .contains("It was cancelled")
                .doesNotContain(card);
        send(3, "Hello");
        assertAnswered(3);
        assertNothingWasSent();
    }

    @Test
    void streamThatIsResetWithdrawsItsQuestionOnly() throws Exception {
        String other = SampleSecrets.card(random);
        send(1, REFUND + card);
        Question question = CoachedAgent.asked(ui);
        send(3, "Pay " + other);
        Question second = CoachedAgent.asked(ui);
        connection.reset(1);
        Settled settled = ui.value(CoachedAgent.next(ui, Ipc.WITHDRAWN), Settled.class);
        assertThat(settled.id()).isEqualTo(question.id());
        assertThat(settled.how()).isEqualTo(Settled.How.CLIENT_LEFT);

        agent.answer(ui, second.shortId(), Choice.Redact.all());
        assertAnswered(3);
        assertThat(arrived()).contains("Pay [CREDIT_CARD-1]");
        assertNothingWasSent();
    }

    @Test
    void connectionThatClosesWithdrawsEveryQuestion() throws Exception {
        Set<UUID> open = new HashSet<>();
        for (int stream = 1; stream < 7; stream += 2) {
            send(stream, REFUND + SampleSecrets.card(random));
            open.add(CoachedAgent.asked(ui).id());
        }
        socket.close();
        while (!open.isEmpty()) {
            Settled settled = ui.value(CoachedAgent.next(ui, Ipc.WITHDRAWN), Settled.class);
            assertThat(settled.how()).isEqualTo(Settled.How.CLIENT_LEFT);
            assertThat(open.remove(settled.id())).isTrue();
        }
        assertNothingWasSent();
    }
}
