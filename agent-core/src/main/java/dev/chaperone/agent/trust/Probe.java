// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import dev.chaperone.inspector.TrustProbeHost;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * One tool, run as it is installed, with its own settings, against the host that the proxy answers
 * itself. It trusts us when it shows the token of this run: that came over a connection it
 * verified.
 *
 * @param command the program and its arguments
 * @param variables over the person's environment
 */
record Probe(List<String> command, Map<String, String> variables) {
    private static final int SECONDS = 12;
    private static final int LOOK_MILLIS = 200;
    private static final int SHOWN = 140;

    /** What Codex says of a refused certificate, for ever. */
    private static final String TRIES_AGAIN = "waiting for network";

    private static final int MAX_OUTPUT = 1 << 20;

    /** How OpenSSL, GnuTLS, Node, Java, rustls and the agents say that they trust nobody for it. */
    private static final Pattern REFUSED =
            Pattern.compile(
                    "certificate|issuer|PKIX|SSL|self.signed|UnknownIssuer|waiting for network",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern NOT_FOR_PEOPLE =
            Pattern.compile(
                    "^Exception in thread \"main\" |\\x1b\\[[0-9;]*m|https?://\\S+|[0-9a-f]{40}\\S*",
                    Pattern.MULTILINE);

    Probe {
        command = List.copyOf(command);
        variables = Map.copyOf(variables);
    }

    /**
     * What a tool is asked.
     *
     * @param token 40 hex digits, of this run only
     * @param proxy HOST:PORT of the running agent
     * @param scratch an empty folder for whatever the tool writes
     */
    record Question(String token, String proxy, Path scratch) {
        static Question of(String proxy, Path scratch) {
            byte[] random = new byte[20];
            new SecureRandom().nextBytes(random);
            return new Question(HexFormat.of().formatHex(random), proxy, scratch);
        }

        String url() {
            return "https://" + TrustProbeHost.NAME + "/" + token;
        }

        String proxyUrl() {
            return "http://" + proxy;
        }

        String proxyHost() {
            return proxy.substring(0, proxy.lastIndexOf(':'));
        }

        String proxyPort() {
            return proxy.substring(proxy.lastIndexOf(':') + 1);
        }
    }

    /** What came of it. */
    record Answer(State state, String evidence) {}

    Answer run(Person person, Question question) throws InterruptedException {
        try {
            Path out = Files.createTempFile(question.scratch(), "out", "");
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.directory(question.scratch().toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile());
            Map<String, String> environment = new HashMap<>(person.environment());
            environment.put("HTTPS_PROXY", question.proxyUrl());
            environment.put("https_proxy", question.proxyUrl());
            environment.put("TMPDIR", question.scratch().toString());
            environment.putAll(variables);
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = ends(process, out);
            if (!ended) {
                process.descendants().forEach(p -> p.destroyForcibly());
                process.destroyForcibly();
            }
            return judge(read(out), question.token(), ended);
        } catch (IOException e) {
            return new Answer(State.UNKNOWN, "cannot be run");
        }
    }

    /** Waits for its end, but not for one that tries again and again. */
    private static boolean ends(Process process, Path out)
            throws IOException, InterruptedException {
        for (int waited = 0; waited < SECONDS * 1000; waited += LOOK_MILLIS) {
            if (process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return true;
            }
            if (read(out).contains(TRIES_AGAIN)) {
                return false;
            }
        }
        return false;
    }

    private static String read(Path out) throws IOException {
        byte[] bytes = Files.readAllBytes(out);
        return new String(
                bytes, 0, Math.min(bytes.length, MAX_OUTPUT), StandardCharsets.ISO_8859_1);
    }

    /** Package-private for its test. */
    static Answer judge(String output, String token, boolean ended) {
        if (output.contains(TrustProbeHost.ANSWER + token)
                || output.contains(token + "\trefs/heads/" + TrustProbeHost.BRANCH)) {
            return new Answer(State.TRUSTS, "verified the proxy's certificate and got its answer");
        }
        List<String> lines =
                NOT_FOR_PEOPLE
                        .matcher(output)
                        .replaceAll("…")
                        .lines()
                        .map(String::strip)
                        .filter(l -> !l.isEmpty())
                        .toList();
        Optional<String> refused =
                lines.stream().filter(l -> REFUSED.matcher(l).find()).findFirst();
        if (refused.isPresent()) {
            return new Answer(State.DOES_NOT_TRUST, cut(refused.get()));
        }
        String last = lines.isEmpty() ? "printed nothing" : cut(lines.getLast());
        return new Answer(State.UNKNOWN, ended ? last : "no answer in " + SECONDS + " s: " + last);
    }

    private static String cut(String line) {
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }
}
