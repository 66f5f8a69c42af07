// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.policy;

import dev.chaperone.server.http.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Checks a policy in a process of its own, which ends when it is done: the expression compiler
 * would keep 40 MB of the server for something that is done once a week, and a document that makes
 * it run wild is ended with it. Where no process can be started, it is checked in this one.
 */
public final class PolicyCheckProcess implements PolicyCheck {
    private static final int LIMIT_SECONDS = 30;
    private static final int MAX_LINE = 4096;

    private final String main;

    /**
     * @param main class whose main method takes the document's name, reads the document from
     *     standard input, and writes the first error or nothing
     */
    public PolicyCheckProcess(String main) {
        this.main = main;
    }

    @Override
    public Optional<String> firstError(String name, byte[] yaml) throws InterruptedException {
        Process child;
        try {
            child = start(name);
        } catch (IOException e) {
            return PolicyCheck.here(name, yaml);
        }
        try {
            return ask(child, yaml);
        } catch (IOException e) {
            throw failed();
        } finally {
            child.destroyForcibly();
        }
    }

    private Process start(String name) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-XX:-UsePerfData",
                        "-XX:-CreateCoredumpOnCrash",
                        "-Dstdout.encoding=UTF-8",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main,
                        name);
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static Optional<String> ask(Process child, byte[] yaml)
            throws IOException, InterruptedException {
        // The child reads everything before it writes, so that neither waits for the other.
        try (OutputStream in = child.getOutputStream()) {
            in.write(yaml);
        }
        if (!child.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new Problem(
                    422,
                    "CHP-SRV-040",
                    "the policy was not checked within " + LIMIT_SECONDS + " s");
        }
        byte[] line = child.getInputStream().readNBytes(MAX_LINE);
        if (child.exitValue() != 0) {
            throw failed();
        }
        String text = new String(line, StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Problem failed() {
        return new Problem(503, "CHP-SRV-041", "the policy could not be checked; try again");
    }
}
