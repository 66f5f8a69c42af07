// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.service.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What real clients were seen to do where the collected facts said otherwise. */
class MeasuredClientsTest {
    private static final Refusal REFUSAL =
            new Refusal("R7", "Remove the card number.", "CHP-POL-001");

    private static RequestHead head(
            String method, String host, String target, HeaderField... headers) {
        return new RequestHead(method, "https", host, 443, target, List.of(headers), "http/1.1");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "api.openai.com, /v1/responses",
        "chatgpt.com, /backend-api/codex/responses",
    })
    void codexSendsPromptsOverAWebSocket(String host, String path) {
        RequestHead head = head("GET", host, path, new HeaderField("Upgrade", "websocket"));
        EndpointMatch match = Fixtures.CATALOGUE.match(head).orElseThrow();
        byte[] frame =
                bytes(
                        """
                        {"type": "response.create", "model": "gpt-5-codex",
                         "previous_response_id": "resp_1", "input": [
                          {"type": "custom_tool_call_output", "call_id": "c", "output": "a file's text"},
                          {"type": "message", "role": "user",
                           "content": [{"type": "input_text", "text": "go on"}]}]}
                        """);
        Reading reading = PromptReader.readMessage(match, head, frame, true);
        assertThat(reading).isInstanceOf(Reading.Readable.class);
        Reading.Readable readable = (Reading.Readable) reading;
        assertThat(readable.prompt().text()).isEqualTo("go on");
        assertThat(readable.prompt().conversation()).isEqualTo("resp_1");
        assertThat(readable.prompt().segments()).anyMatch(s -> s.text().equals("a file's text"));
        List<byte[]> reply = Refusals.messages(match, head, frame, REFUSAL);
        assertThat(reply).hasSize(1);
        assertThat(new String(reply.getFirst(), StandardCharsets.UTF_8))
                .contains("\"type\":\"response.failed\"", "\"code\":\"invalid_prompt\"", "R7");
    }

    @ParameterizedTest
    @CsvSource({
        "api.openai.com, /v1/chat/completions, invalid_request_error",
        "api.openai.com, /v1/responses, invalid_request_error",
        "api.anthropic.com, /v1/messages, invalid_request_error",
        "api.individual.githubcopilot.com, /chat/completions, invalid_request_error",
        "generativelanguage.googleapis.com, /v1beta/models/g:generateContent, INVALID_ARGUMENT",
        "generativelanguage.googleapis.com, /v1/models/g:generateContent, INVALID_ARGUMENT",
    })
    void agentsAndSdksAreRefusedWithAStatusTheyTryOnce(String host, String path, String type) {
        RequestHead head = head("POST", host, path, new HeaderField("Accept", "text/event-stream"));
        EndpointMatch match = Fixtures.CATALOGUE.match(head).orElseThrow();
        Refusals.HttpReply reply = Refusals.http(match, head, bytes("{\"stream\":true}"), REFUSAL);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(new String(reply.body(), StandardCharsets.UTF_8)).contains(type, "R7");
    }

    @Test
    void thePageThatPollsGetsAStreamThatEnds() {
        RequestHead head =
                head(
                        "POST",
                        "chatgpt.com",
                        "/backend-api/f/conversation",
                        new HeaderField("Accept", "text/event-stream"));
        EndpointMatch match = Fixtures.CATALOGUE.match(head).orElseThrow();
        Refusals.HttpReply reply = Refusals.http(match, head, bytes("{}"), REFUSAL);
        assertThat(new String(reply.body(), StandardCharsets.UTF_8)).endsWith("data: [DONE]\n\n");
    }

    @Test
    void countingTokensCarriesAWholePrompt() {
        RequestHead head =
                head("POST", "generativelanguage.googleapis.com", "/v1beta/models/g:countTokens");
        EndpointMatch match = Fixtures.CATALOGUE.match(head).orElseThrow();
        Reading reading =
                PromptReader.read(
                        match, head, bytes("{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}"));
        assertThat(((Reading.Readable) reading).prompt().text()).isEqualTo("hi");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, api.anthropic.com, /api/event_logging/v2/batch, anthropic-api/telemetry",
        "POST, api.anthropic.com, /api/eval/sdk-zA1, anthropic-api/telemetry",
        "GET, api.anthropic.com, /api/claude_code/organizations/metrics_enabled, anthropic-api/client",
        "POST, api.anthropic.com, /api/claude_code/metrics, anthropic-api/telemetry",
        "GET, api.anthropic.com, /api/claude_code_penguin_mode, anthropic-api/client",
        "GET, api.anthropic.com, /api/hello, anthropic-api/client",
        "POST, api.anthropic.com, /api/oauth/claude_cli/create_api_key, anthropic-api/client",
        "POST, api.anthropic.com, /api/claude_cli_feedback, anthropic-api/client",
        "POST, chatgpt.com, /backend-api/codex/analytics-events/events, chatgpt-web/codex-client",
        "GET, chatgpt.com, /backend-api/wham/accounts/check, chatgpt-web/codex-client",
        "POST, chatgpt.com, /backend-api/wham/apps, ''",
        "POST, cloudcode-pa.googleapis.com, /v1internal:loadCodeAssist, gemini-cloudcode/client",
        "POST, cloudcode-pa.googleapis.com, /v1internal:countTokens, gemini-cloudcode/count",
        "POST, telemetry.business.githubcopilot.com, /telemetry, github-copilot/telemetry",
        "POST, api.business.githubcopilot.com, /telemetry, ''",
        "POST, api.githubcopilot.com, /models/session, github-copilot/model-session"
    })
    void whatAgentsSendBesidePromptsIsDeclared(
            String method, String host, String path, String endpoint) {
        assertThat(
                        Fixtures.CATALOGUE
                                .match(head(method, host, path))
                                .map(m -> {
                                    assertThat(m.endpoint().kind())
                                            .isEqualTo(Endpoint.Kind.CONTROL);
                                    return m.service().id() + "/" + m.endpoint().id();
                                })
                                .orElse(""))
                .isEqualTo(endpoint);
    }

    /** What a session's title is made of, and what telemetry may quote, is read like a prompt. */
    @Test
    void textsBesidePromptsAreRead() {
        assertThat(
                        read(
                                        "/api/organizations/o/dust/generate_title_and_branch",
                                        "{\"first_session_message\":\"a first message\"}")
                                .text())
                .isEqualTo("a first message");
        assertThat(
                        read(
                                        "/api/event_logging/v2/batch",
                                        "{\"events\":[{\"event_data\":{\"error\":\"cannot read a first message\"}}]}")
                                .segments())
                .anyMatch(s -> s.text().equals("cannot read a first message"));
    }

    private static Prompt read(String path, String body) {
        RequestHead head = head("POST", "api.anthropic.com", path);
        EndpointMatch match = Fixtures.CATALOGUE.match(head).orElseThrow();
        return ((Reading.Readable) PromptReader.read(match, head, bytes(body))).prompt();
    }

    @Test
    void aTaskForTheCloudIsAPrompt() {
        RequestHead head = head("POST", "chatgpt.com", "/backend-api/wham/tasks");
        EndpointMatch match = Fixtures.CATALOGUE.match(head).orElseThrow();
        assertThat(match.endpoint().kind()).isEqualTo(Endpoint.Kind.PROMPT);
        byte[] body =
                bytes(
                        "{\"new_task\":{\"branch\":\"main\"},\"input_items\":[{\"type\":\"message\",\"role\":\"user\","
                                + "\"content\":[{\"content_type\":\"text\",\"text\":\"mend it\"}]}]}");
        Reading reading = PromptReader.read(match, head, body);
        assertThat(((Reading.Readable) reading).prompt().text()).isEqualTo("mend it");
    }

    @Test
    void aSignalrRefusalRepeatsTheInvocation() {
        RequestHead head =
                head(
                        "GET",
                        "substrate.office.com",
                        "/m365Copilot/Chathub/o@t?ConversationId=c",
                        new HeaderField("Upgrade", "websocket"));
        EndpointMatch match = Fixtures.CATALOGUE.match(head).orElseThrow();
        byte[] message =
                bytes(
                        "{\"type\":6}\u001e{\"type\":4,\"target\":\"chat\",\"invocationId\":\"5\","
                                + "\"arguments\":[{\"message\":{\"text\":\"hi\"}}]}\u001e");
        List<byte[]> frames = Refusals.messages(match, head, message, REFUSAL);
        assertThat(frames).hasSize(2);
        for (byte[] frame : frames) {
            assertThat(new String(frame, StandardCharsets.UTF_8))
                    .contains("\"invocationId\":\"5\"")
                    .endsWith("\u001e");
        }
    }
}
