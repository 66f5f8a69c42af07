// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.agent.demo.DemoExchange.Expected;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * The exchanges of the demonstration, made from a seed: every secret in them is random and none is
 * real.
 */
final class DemoExchanges {
    private static final char RECORD_SEPARATOR = '\u001e';
    private static final String ALPHANUMERIC =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final Random random;
    private final List<DemoExchange> all = new ArrayList<>();

    private DemoExchanges(long seed) {
        this.random = new Random(seed);
    }

    static List<DemoExchange> of(long seed) {
        DemoExchanges demo = new DemoExchanges(seed);
        demo.people();
        demo.secrets();
        demo.harmless();
        demo.sockets();
        demo.edges();
        return List.copyOf(demo.all);
    }

    private void people() {
        Table table = table();
        http(
                "customer list pasted into ChatGPT",
                "chatgpt.com",
                "/backend-api/f/conversation",
                chatGpt("Which of these customers should we call first?\\n" + table.csv),
                table.values,
                Expected.REDACTED);
        http(
                "question about churn in ChatGPT",
                "chatgpt.com",
                "/backend-api/f/conversation",
                chatGpt(
                        "Explain in two sentences why customers churn after a price change. 😀 Ünïcödé"),
                List.of(),
                Expected.IDENTICAL);
    }

    private void secrets() {
        String aws = "AKIA" + random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        http(
                "deploy script with an AWS key, OpenAI API",
                "api.openai.com",
                "/v1/chat/completions",
                openAi(
                        "Why does this fail?\\nexport AWS_ACCESS_KEY_ID="
                                + aws
                                + "\\nterraform apply",
                        true),
                List.of(aws),
                Expected.REDACTED);
        String card = card();
        gzip(
                "card number in a gzip body, OpenAI Responses",
                "api.openai.com",
                "/v1/responses",
                "{\"model\":\"gpt-5-1\",\"input\":\"Refund the customer with card "
                        + card
                        + " please\"}",
                List.of(card));
        String github = "ghp_" + random(ALPHANUMERIC, 36);
        http(
                "token in a tool result, Claude",
                "api.anthropic.com",
                "/v1/messages",
                anthropic(
                        "\"run the build\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":"
                                + "\"bash\",\"input\":{\"command\":\"cat .env\"}}]},{\"role\":\"user\",\"content\":[{\"type\":"
                                + "\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"GITHUB_TOKEN="
                                + github
                                + "\"},{\"type\":\"text\",\"text\":\"go on\"}]"),
                List.of(github),
                Expected.REDACTED);
        String escaped = "AKIA" + random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        http(
                "the same kind of key, written with \\u escapes",
                "api.openai.com",
                "/v1/chat/completions",
                openAi("key: \\u0041" + escaped.substring(1), false),
                List.of(escaped, escaped.substring(1)),
                Expected.REDACTED);
        signed();
    }

    private void signed() {
        String card = card();
        String body = openAi("charge " + card + " again", false);
        add(
                "card in a body that is signed",
                "api.openai.com",
                request(
                        "POST",
                        "api.openai.com",
                        "/v1/chat/completions",
                        body.getBytes(StandardCharsets.UTF_8),
                        "Content-Digest: sha-256=:" + "A".repeat(43) + "=:\r\n"),
                List.of(),
                List.of(card),
                Expected.REFUSED);
    }

    private void harmless() {
        http(
                "question about a failing test, GitHub Copilot",
                "api.business.githubcopilot.com",
                "/chat/completions",
                openAi("Why does this JUnit test fail with a NullPointerException?", true),
                List.of(),
                Expected.IDENTICAL);
        http(
                "inline completion, GitHub Copilot",
                "proxy.individual.githubcopilot.com",
                "/v1/engines/gpt-41-copilot/completions",
                "{\"prompt\":\"class Pay {\\n  int net(\",\"suffix\":\") {\\n  }\\n}\",\"max_tokens\":500,\"stream\":true}",
                List.of(),
                Expected.IDENTICAL);
        http(
                "how to store an access key, Claude",
                "api.anthropic.com",
                "/v1/messages",
                anthropic(
                        "\"What is an access key and where should I keep it? Example: AKIA"
                                + "IOSFODNN7EXAMPLE\""),
                List.of(),
                Expected.IDENTICAL);
    }

    private void sockets() {
        String card = card();
        String chat =
                "{\"arguments\":[{\"source\":\"officeweb\",\"sessionId\":\"s1\",\"message\":{\"author\":\"user\","
                        + "\"inputMethod\":\"Keyboard\",\"text\":\"Put card "
                        + card
                        + " into the travel request\","
                        + "\"messageType\":\"Chat\"},\"tone\":\"Magic\"}],\"invocationId\":\"0\",\"target\":\"chat\",\"type\":4}";
        webSocket(
                "card in Microsoft 365 Copilot",
                "substrate.office.com",
                "/m365Copilot/Chathub/11111111-aaaa-4bbb-8ccc-222222222222@99999999-dddd-4eee-8fff-000000000000"
                        + "?ConversationId=conv-42",
                List.of(
                        "{\"protocol\":\"json\",\"version\":1}" + RECORD_SEPARATOR,
                        chat + RECORD_SEPARATOR),
                List.of(card),
                Expected.REDACTED);
        webSocket(
                "weekend plans in consumer Copilot",
                "copilot.microsoft.com",
                "/c/api/chat?api-version=2",
                List.of(
                        "{\"event\":\"send\",\"conversationId\":\"cv8Qm2\",\"content\":[{\"type\":\"text\",\"text\":"
                                + "\"Where can I swim near Berlin this weekend?\"}],\"mode\":\"smart\"}"),
                List.of(),
                Expected.IDENTICAL);
    }

    private void edges() {
        http(
                "telemetry to a path nobody declared",
                "api.anthropic.com",
                "/api/event_logging/batch",
                "{\"events\":[{\"name\":\"tool_use\"}]}",
                List.of(),
                Expected.NOT_INSPECTED);
        add(
                "a body in an encoding nobody knows",
                "api.openai.com",
                request(
                        "POST",
                        "api.openai.com",
                        "/v1/chat/completions",
                        new byte[] {1, 2, 3, 4, 5, 6},
                        "Content-Encoding: x-unknown\r\n"),
                List.of(),
                List.of(),
                Expected.NOT_INSPECTED);
        add(
                "a bank, which is never opened",
                "www.bank.example",
                request(
                        "POST",
                        "www.bank.example",
                        "/login",
                        "user=a&pin=1".getBytes(StandardCharsets.UTF_8),
                        ""),
                List.of(),
                List.of(),
                Expected.TUNNELLED);
    }

    // ---- building blocks

    private void http(
            String title,
            String host,
            String path,
            String body,
            List<String> sensitive,
            Expected expected) {
        add(
                title,
                host,
                request("POST", host, path, body.getBytes(StandardCharsets.UTF_8), ""),
                List.of(),
                sensitive,
                expected);
    }

    private void gzip(String title, String host, String path, String body, List<String> sensitive) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        add(
                title,
                host,
                request("POST", host, path, packed.toByteArray(), "Content-Encoding: gzip\r\n"),
                List.of(),
                sensitive,
                Expected.REDACTED);
    }

    private void webSocket(
            String title,
            String host,
            String path,
            List<String> messages,
            List<String> sensitive,
            Expected expected) {
        byte[] key = new byte[16];
        random.nextBytes(key);
        String head =
                "GET "
                        + path
                        + " HTTP/1.1\r\nHost: "
                        + host
                        + "\r\nx-demo: "
                        + (all.size() + 1)
                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                        + Base64.getEncoder().encodeToString(key)
                        + "\r\n\r\n";
        add(title, host, head.getBytes(StandardCharsets.US_ASCII), messages, sensitive, expected);
    }

    private byte[] request(String method, String host, String path, byte[] body, String more) {
        String head =
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: "
                        + host
                        + "\r\nx-demo: "
                        + (all.size() + 1)
                        + "\r\nUser-Agent: demo/1\r\nContent-Type: application/json\r\n"
                        + more
                        + "Content-Length: "
                        + body.length
                        + "\r\n\r\n";
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(body);
        return all.toByteArray();
    }

    private void add(
            String title,
            String host,
            byte[] request,
            List<String> messages,
            List<String> sensitive,
            Expected expected) {
        all.add(
                new DemoExchange(
                        all.size() + 1, title, host, request, messages, sensitive, expected));
    }

    private static String chatGpt(String text) {
        return "{\"action\":\"next\",\"messages\":[{\"id\":\"a1\",\"author\":{\"role\":\"user\"},\"content\":{\"content_type\":"
                + "\"text\",\"parts\":[\""
                + text
                + "\"]}}],\"parent_message_id\":\"client-created-root\",\"model\":"
                + "\"gpt-5-1\",\"supported_encodings\":[\"v1\"]}";
    }

    private static String openAi(String text, boolean stream) {
        return "{\"model\":\"gpt-5-1\",\"messages\":[{\"role\":\"system\",\"content\":\"You help.\"},{\"role\":\"user\","
                + "\"content\":\""
                + text
                + "\"}],\"stream\":"
                + stream
                + "}";
    }

    private static String anthropic(String contentAndMore) {
        return "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":1024,\"messages\":[{\"role\":\"user\",\"content\":"
                + contentAndMore
                + "}],\"stream\":true}";
    }

    private record Table(String csv, List<String> values) {}

    private Table table() {
        String[] first = {
            "Anna", "Jonas", "Mia", "Peter", "Laura", "Ahmed", "Sofia", "Lukas", "Emma", "Piotr",
            "Chloe", "David"
        };
        String[] last = {
            "Brandt",
            "Keller",
            "Novak",
            "Hoffmann",
            "Rossi",
            "Yilmaz",
            "Lindqvist",
            "Meyer",
            "Dubois",
            "Kowalski",
            "Martin",
            "Schulz"
        };
        StringBuilder csv = new StringBuilder("name,email,phone,plan");
        List<String> values = new ArrayList<>();
        for (int i = 0; i < first.length; i++) {
            String name = first[i] + " " + last[i];
            String mail =
                    first[i].toLowerCase(java.util.Locale.ROOT)
                            + "."
                            + last[i].toLowerCase(java.util.Locale.ROOT)
                            + "@nordhafen-kunden.de";
            String phone = "+49 30 " + (2000000 + random.nextInt(7999999));
            csv.append("\\n")
                    .append(name)
                    .append(',')
                    .append(mail)
                    .append(',')
                    .append(phone)
                    .append(",basic");
            values.add(name);
            values.add(mail);
            values.add(phone);
        }
        return new Table(csv.toString(), values);
    }

    private String random(String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    /** A random number that passes the Luhn check (ISO/IEC 7812-1 Annex B). */
    private String card() {
        String body = "4539" + random("0123456789", 11);
        int sum = 0;
        for (int i = 0; i < body.length(); i++) {
            int digit = body.charAt(body.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return body + (10 - sum % 10) % 10;
    }
}
