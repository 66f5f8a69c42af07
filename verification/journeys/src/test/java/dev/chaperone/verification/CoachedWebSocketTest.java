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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that are held on a WebSocket. */
class CoachedWebSocketTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final String card = SampleSecrets.card(new Random());

    private WebSocketUpstream upstream;
    private CoachedAgent agent;
    private IpcClient ui;
    private WebSocketClient client;

    @BeforeEach
    @SuppressWarnings("NullAway.Init") // JUnit calls it
    void start() throws Exception {
        upstream = new WebSocketUpstream(folder, CoachedAgent.HOST);
        // A question that ends by itself would let everything go.
        agent = new CoachedAgent(folder, "allow", upstream.port(), upstream.ca());
        ui = agent.ui();
        SSLSocket socket = agent.agent.open(CoachedAgent.HOST);
        socket.setSoTimeout(15_000);
        client = WebSocketClient.open(socket, CoachedAgent.HOST, "/v1/responses");
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        ui.close();
        agent.close();
        upstream.close();
    }

    private void say(String content) throws IOException {
        client.send(
                WebSocketClient.TEXT,
                ("{\"type\":\"response.create\",\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\""
                                + content
                                + "\"}]}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private void control(int firstByte) throws IOException {
        client.send(firstByte, new byte[0]);
    }

    @Test
    void heldMessageKeepsItsPlace() throws Exception {
        say("Refund " + card + " today");
        Question question = CoachedAgent.asked(ui);
        say("and then");
        say("at last");
        control(WebSocketClient.PING);
        assertThat(upstream.next()).as("pings never wait").isEqualTo(WebSocketUpstream.PING);

        assertThat(agent.answer(ui, question.shortId(), Choice.Redact.all()).held()).isTrue();
        assertThat(upstream.next()).contains("Refund [CREDIT_CARD-1] today").doesNotContain(card);
        assertThat(upstream.next()).contains("and then");
        assertThat(upstream.next()).contains("at last");
        assertThat(agent.agent.awaitEvent(e -> e.action() == Action.COACH).outcome())
                .isEqualTo(Outcome.SENT_REDACTED);
    }

    @Test
    void messagesThatAreHeldOneAfterTheOtherKeepTheirPlaces() throws Exception {
        String other = SampleSecrets.card(new Random());
        say("Refund " + card);
        Question first = CoachedAgent.asked(ui);
        say("Pay " + other);
        agent.answer(ui, first.shortId(), new Choice.Send("it is public"));
        agent.answer(ui, CoachedAgent.asked(ui).shortId(), Choice.Redact.all());
        say("at last");
        assertThat(upstream.next()).contains("Refund " + card);
        assertThat(upstream.next()).contains("Pay [CREDIT_CARD-1]").doesNotContain(other);
        assertThat(upstream.next()).contains("at last");
    }

    @Test
    void cancelledMessageIsRefusedAndTheNextGoesOn() throws Exception {
        say("Refund " + card);
        Question question = CoachedAgent.asked(ui);
        say("and then");
        agent.answer(ui, question.shortId(), new Choice.Cancel());
        assertThat(new String(client.receive(), StandardCharsets.UTF_8))
                .contains("It was cancelled")
                .doesNotContain(card);
        assertThat(upstream.next()).contains("and then");
    }

    @Test
    void connectionThatClosesWithdrawsItsQuestion() throws Exception {
        say("Refund " + card);
        Question question = CoachedAgent.asked(ui);
        say("and then");
        client.close();
        assertWithdrawn(question);
        assertThat(upstream.next()).isEqualTo(WebSocketUpstream.GONE);
    }

    @Test
    void clientThatSaysGoodbyeWithdrawsItsQuestion() throws Exception {
        say("Refund " + card);
        Question question = CoachedAgent.asked(ui);
        control(WebSocketClient.CLOSE);
        assertWithdrawn(question);
        assertThat(upstream.next()).isEqualTo(WebSocketUpstream.CLOSE);
    }

    @Test
    void goodbyeThatComesBeforeTheQuestionWithdrawsIt() throws Exception {
        say("Refund " + card);
        say("and then");
        control(WebSocketClient.CLOSE);
        assertWithdrawn(CoachedAgent.asked(ui));
        assertThat(upstream.next()).isEqualTo(WebSocketUpstream.CLOSE);
    }

    @Test
    void whatWasSaidBeforeAGoodbyeStillGoes() throws Exception {
        say("Hello");
        say("and then");
        control(WebSocketClient.CLOSE);
        assertThat(upstream.next()).contains("Hello");
        assertThat(upstream.next()).contains("and then");
        assertThat(upstream.next()).isEqualTo(WebSocketUpstream.CLOSE);
    }

    private void assertWithdrawn(Question question) throws Exception {
        Settled settled = ui.value(CoachedAgent.next(ui, Ipc.WITHDRAWN), Settled.class);
        assertThat(settled.id()).isEqualTo(question.id());
        assertThat(settled.how()).isEqualTo(Settled.How.CLIENT_LEFT);
    }
}
