// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import dev.chaperone.inspector.http.ContentDecoding;
import dev.chaperone.inspector.http.UndecodableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/**
 * One prompt with a random secret: where it stands, how it is escaped and encoded, and over which
 * HTTP version it goes all follow from the seed.
 *
 * @param run the seed
 * @param body as JSON, before the content coding
 * @param encoding a content coding, or the empty string
 */
record LeakCase(
        int run,
        String secret,
        String body,
        String encoding,
        String host,
        String path,
        boolean http2) {
    private static final int PLACES = 10;

    /** So many characters of a secret in a row are a leak. */
    static final int PIECE = 6;

    static final List<String> HOSTS = List.of("api.openai.com", "api.anthropic.com");

    static LeakCase make(int run) {
        Random random = new Random(run);
        String secret = SampleSecrets.next(random);
        String inText =
                switch (random.nextInt(8)) {
                    case 0, 1 -> escapeSome(secret, "\\u%04x", random);
                    case 2 -> escapeSome(secret, "%%%02X", random);
                    case 3 -> base64Of("it is " + secret);
                    default -> secret;
                };
        String before =
                " ".repeat(random.nextInt(3))
                        + SampleSecrets.text(random, "abcdefgh \\u00e4", random.nextInt(40));
        String text = before.replace("\\", "") + " key: " + inText + " and more";
        boolean openAi = random.nextBoolean();
        String body = placed(random.nextInt(PLACES), openAi, text, secret, random);
        String encoding = List.of("", "", "gzip", "deflate", "br", "zstd").get(random.nextInt(6));
        return new LeakCase(
                run,
                secret,
                body,
                encoding,
                HOSTS.get(openAi ? 0 : 1),
                openAi ? "/v1/chat/completions" : "/v1/messages",
                random.nextBoolean());
    }

    /** A body with the text at one of the {@link #PLACES} places. */
    private static String placed(
            int place, boolean openAi, String text, String secret, Random random) {
        String quoted = "\"" + text + "\"";
        String parts =
                "[{\"type\":\"text\",\"text\":\"hello\"},{\"type\":\"text\",\"text\":"
                        + quoted
                        + "}]";
        return switch (place) {
            case 0 -> message(openAi, quoted);
            case 1 -> message(openAi, parts);
            case 2 ->
                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                            + quoted
                            + "},{\"role\":\"assistant\",\"content\":\"ok\"},{\"role\":\"user\",\"content\":\"go on\"}]}";
            case 3 -> beside(openAi, "\"metadata\":{\"note\":" + quoted + "}");
            case 4 -> openAi ? toolCall(secret) : toolResult(text);
            case 5 ->
                    openAi
                            ? "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
                                    + quoted
                                    + "},{\"role\":\"user\",\"content\":\"hi\"}]}"
                            : beside(false, "\"system\":" + quoted);
            case 6 ->
                    beside(
                            openAi,
                            openAi
                                    ? "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":"
                                            + quoted
                                            + ",\"parameters\":{}}}]"
                                    : "\"tools\":[{\"name\":\"f\",\"description\":"
                                            + quoted
                                            + ",\"input_schema\":{\"type\":\"object\"}}]");
            case 7 -> beside(openAi, "\"extra\":[1,{\"deep\":{\"note\":" + quoted + "}}]");
            case 8 -> toolCall(escapeSome(secret, "\\u%04x", random).replace("\\", "\\\\"));
            default -> beside(openAi, "\"metadata\":{" + quoted + ":\"x\"}");
        };
    }

    /** A harmless message with a further member. */
    private static String beside(boolean openAi, String member) {
        return message(openAi, "\"hi\"")
                .replace("\"model\":\"m\",", "\"model\":\"m\"," + member + ",");
    }

    /** A message without a secret: what arrives with it is what lay in between. */
    static LeakCase harmless(String host, boolean http2) {
        boolean openAi = host.equals(HOSTS.getFirst());
        String path = openAi ? "/v1/chat/completions" : "/v1/messages";
        return new LeakCase(0, "", message(openAi, "\"hello\""), "", host, path, http2);
    }

    private static String message(boolean openAi, String content) {
        return "{\"model\":\"m\","
                + (openAi ? "" : "\"max_tokens\":9,")
                + "\"messages\":[{\"role\":\"user\",\"content\":"
                + content
                + "}]}";
    }

    private static String toolCall(String secret) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":"
                + "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"cmd\\\":\\\"x "
                + secret
                + "\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"done\"},"
                + "{\"role\":\"user\",\"content\":\"go\"}]}";
    }

    private static String toolResult(String text) {
        return message(
                false,
                "[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"" + text + "\"}]");
    }

    private static String escapeSome(String text, String escape, Random random) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(
                    random.nextBoolean()
                            ? String.format(Locale.ROOT, escape, (int) c)
                            : String.valueOf(c));
        }
        return out.toString();
    }

    private static String base64Of(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Where the bytes are cut on their way: the same for the same seed. */
    Random cuts() {
        return new Random(~run);
    }

    /** The body after the content coding. */
    byte[] encoded() throws IOException {
        byte[] plain = body.getBytes(StandardCharsets.UTF_8);
        return switch (encoding) {
            case "gzip" -> pour(plain, GZIPOutputStream::new);
            case "deflate" -> pour(plain, DeflaterOutputStream::new);
            case "br" -> Encoder.compress(plain);
            case "zstd" -> Zstd.compress(plain);
            default -> plain;
        };
    }

    private interface Wrapper {
        OutputStream around(OutputStream out) throws IOException;
    }

    private static byte[] pour(byte[] body, Wrapper wrapper) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = wrapper.around(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }

    /** Every piece of the secret. What else is in a message has no six characters like these. */
    Set<String> pieces() {
        Set<String> pieces = new HashSet<>();
        for (int i = 0; i + PIECE <= secret.length(); i++) {
            pieces.add(secret.substring(i, i + PIECE));
        }
        return pieces;
    }

    /**
     * Whether a piece of the secret is in anything that arrived: in the bytes as they came out of
     * TLS, in the head, and in the body joined from its chunks or frames, also JSON-, URL-, base64-
     * and hex-decoded.
     */
    boolean leaksIn(LeakPath.Arrived arrived) throws UndecodableException {
        String body = decoded(arrived);
        List<String> views =
                List.of(
                        new String(arrived.raw(), StandardCharsets.ISO_8859_1),
                        arrived.head(),
                        new String(arrived.body(), StandardCharsets.ISO_8859_1),
                        body,
                        unescape(body),
                        unescape(body).replace("\\", ""),
                        unescape(unescape(body)),
                        url(body),
                        base64(body),
                        hex(body));
        return pieces().stream().anyMatch(p -> views.stream().anyMatch(v -> v.contains(p)));
    }

    private static String decoded(LeakPath.Arrived arrived) throws UndecodableException {
        String coding = "";
        for (String line : arrived.head().split("\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-encoding:")) {
                coding = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return new String(
                ContentDecoding.decode(coding, arrived.body(), 1 << 20), StandardCharsets.UTF_8);
    }

    private static String unescape(String json) {
        Matcher m = Pattern.compile("\\\\u([0-9a-fA-F]{4})").matcher(json);
        return m.replaceAll(r ->
                Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(r.group(1), 16))));
    }

    /** Decoded where it can be; a percent sign that starts no escape stays. */
    private static String url(String text) {
        String whole = text.replaceAll("%(?![0-9a-fA-F]{2})", "%25");
        return URLDecoder.decode(whole, StandardCharsets.UTF_8);
    }

    /** Each run of the alphabet, begun at each of the four places of a group. */
    private static String base64(String text) {
        StringBuilder all = new StringBuilder();
        Matcher m = Pattern.compile("[A-Za-z0-9+/_-]{8,}").matcher(text);
        while (m.find()) {
            String run = m.group().replace('-', '+').replace('_', '/');
            for (int from = 0; from < 4; from++) {
                String groups = run.substring(from, from + (run.length() - from) / 4 * 4);
                all.append(
                                new String(
                                        Base64.getDecoder().decode(groups),
                                        StandardCharsets.ISO_8859_1))
                        .append('\n');
            }
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

    @Override
    public String toString() {
        return "LeakCase[" + run + "]";
    }
}
