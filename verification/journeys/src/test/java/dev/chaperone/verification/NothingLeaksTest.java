// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import dev.chaperone.inspector.http.ContentDecoding;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand seeded prompts with a random secret at a random place, escaped and encoded in a random
 * way: no six-character piece of it arrives upstream. The same harness under an allowing policy
 * finds it every time.
 */
class NothingLeaksTest {
    private static final int RUNS = 1000;
    private static final int PIECE = 6;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private record Case(
            int run, String secret, String body, String encoding, String host, String path) {}

    @Test
    void noPieceOfARedactedSpanArrives() throws Exception {
        List<Integer> leaked = run(Optional.empty(), RUNS);
        assertThat(leaked).as("runs (the seed) in which a piece arrived").isEmpty();
    }

    @Test
    void harnessFindsTheSecretWhereItIsLetThrough() throws Exception {
        List<Integer> leaked = run(Optional.of(Path.of("../../policies/allow-all.yaml")), 100);
        assertThat(leaked).hasSize(100);
    }

    private List<Integer> run(Optional<Path> policy, int runs) throws Exception {
        Brotli4jLoader.ensureAvailability();
        List<Integer> leaked = new ArrayList<>();
        try (AgentUnderTest agent = new AgentUnderTest(folder, policy)) {
            SSLSocket openAi = agent.open("api.openai.com");
            SSLSocket anthropic = agent.open("api.anthropic.com");
            for (int i = 0; i < runs; i++) {
                Case c = make(i);
                SSLSocket socket = c.host.contains("openai") ? openAi : anthropic;
                String answer =
                        AgentUnderTest.post(
                                socket,
                                c.host,
                                c.path,
                                c.encoding.isEmpty()
                                        ? ""
                                        : "Content-Encoding: " + c.encoding + "\r\n",
                                encode(c.encoding, c.body.getBytes(StandardCharsets.UTF_8)));
                byte[] arrived =
                        answer.startsWith("HTTP/1.1 200") ? agent.nextReceived() : new byte[0];
                if (leaks(c, arrived)) {
                    leaked.add(i);
                }
            }
            openAi.close();
            anthropic.close();
        }
        return leaked;
    }

    private static Case make(int run) throws Exception {
        Random random = new Random(run);
        String secret = SampleSecrets.next(random);
        String inText = random.nextInt(4) == 0 ? escapeSome(secret, random) : secret;
        String before =
                " ".repeat(random.nextInt(3))
                        + SampleSecrets.text(random, "abcdefgh \\u00e4", random.nextInt(40));
        String text = before.replace("\\", "") + " key: " + inText + " and more";
        boolean openAi = random.nextBoolean();
        String body =
                switch (random.nextInt(5)) {
                    case 0 -> message(openAi, "\"" + text + "\"");
                    case 1 ->
                            message(
                                    openAi,
                                    "[{\"type\":\"text\",\"text\":\"hello\"},{\"type\":\"text\",\"text\":\""
                                            + text
                                            + "\"}]");
                    case 2 ->
                            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                                    + text
                                    + "\"},{\"role\":\"assistant\",\"content\":\"ok\"},{\"role\":\"user\",\"content\":\"go on\"}]}";
                    case 3 ->
                            "{\"model\":\"m\",\"metadata\":{\"note\":\""
                                    + text
                                    + "\"},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
                    default ->
                            openAi
                                    ? "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":"
                                            + "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"cmd\\\":\\\"x "
                                            + secret
                                            + "\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"done\"},"
                                            + "{\"role\":\"user\",\"content\":\"go\"}]}"
                                    : message(
                                            false,
                                            "[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\""
                                                    + text
                                                    + "\"}]");
                };
        String encoding = List.of("", "", "gzip", "deflate", "br", "zstd").get(random.nextInt(6));
        return new Case(
                run,
                secret,
                body,
                encoding,
                openAi ? "api.openai.com" : "api.anthropic.com",
                openAi ? "/v1/chat/completions" : "/v1/messages");
    }

    private static String message(boolean openAi, String content) {
        return "{\"model\":\"m\","
                + (openAi ? "" : "\"max_tokens\":9,")
                + "\"messages\":[{\"role\":\"user\",\"content\":"
                + content
                + "}]}";
    }

    private static String escapeSome(String text, Random random) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(
                    random.nextBoolean()
                            ? String.format(Locale.ROOT, "\\u%04x", (int) c)
                            : String.valueOf(c));
        }
        return out.toString();
    }

    private interface Wrapper {
        OutputStream around(OutputStream out) throws Exception;
    }

    private static byte[] encode(String encoding, byte[] body) throws Exception {
        return switch (encoding) {
            case "gzip" -> pour(body, GZIPOutputStream::new);
            case "deflate" -> pour(body, DeflaterOutputStream::new);
            case "br" -> Encoder.compress(body);
            case "zstd" -> Zstd.compress(body);
            default -> body;
        };
    }

    private static byte[] pour(byte[] body, Wrapper wrapper) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = wrapper.around(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }

    /**
     * Looks for pieces of the secret in everything that arrived, also JSON-, URL-, base64- and
     * hex-decoded.
     */
    private static boolean leaks(Case c, byte[] arrived) throws Exception {
        String raw = new String(arrived, StandardCharsets.ISO_8859_1);
        int body = raw.indexOf("\r\n\r\n");
        byte[] content =
                body < 0
                        ? new byte[0]
                        : java.util.Arrays.copyOfRange(arrived, body + 4, arrived.length);
        String decoded =
                new String(
                        ContentDecoding.decode(c.encoding, content, 1 << 20),
                        StandardCharsets.UTF_8);
        String rest = unescape(c.body).replace(c.secret, " ").replace(escapeless(c.secret), " ");
        for (String view :
                List.of(
                        raw,
                        decoded,
                        unescape(decoded),
                        unescape(unescape(decoded)),
                        url(decoded),
                        base64(decoded),
                        hex(decoded))) {
            for (int i = 0; i + PIECE <= c.secret.length(); i++) {
                String piece = c.secret.substring(i, i + PIECE);
                if (view.contains(piece) && !rest.contains(piece)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String escapeless(String secret) {
        return secret.replace("\\", "");
    }

    private static String unescape(String json) {
        Matcher m = Pattern.compile("\\\\u([0-9a-fA-F]{4})").matcher(json);
        return m.replaceAll(r ->
                Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(r.group(1), 16))));
    }

    private static String url(String text) {
        try {
            return URLDecoder.decode(text.replace("%", "%25"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String base64(String text) {
        StringBuilder all = new StringBuilder();
        Matcher m = Pattern.compile("[A-Za-z0-9+/]{8,}").matcher(text);
        while (m.find()) {
            String run = m.group().substring(0, m.group().length() / 4 * 4);
            all.append(new String(Base64.getDecoder().decode(run), StandardCharsets.ISO_8859_1))
                    .append('\n');
        }
        return all.toString();
    }

    private static String hex(String text) {
        StringBuilder all = new StringBuilder();
        Matcher m = Pattern.compile("(?:[0-9a-fA-F]{2}){4,}").matcher(text);
        while (m.find()) {
            all.append(new String(HexFormat.of().parseHex(m.group()), StandardCharsets.ISO_8859_1))
                    .append('\n');
        }
        return all.toString();
    }
}
