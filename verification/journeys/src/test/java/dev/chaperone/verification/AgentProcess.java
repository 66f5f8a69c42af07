// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.agent.AgentMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The command line as a process of its own, with this test's class path. */
final class AgentProcess implements AutoCloseable {
    private static final int READY_SECONDS = 30;

    private final Process process;
    private final Path out;
    private final Path err;

    private AgentProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** What one command left behind. */
    record Result(int status, String out, String err) {
        /** Lines of standard error. */
        List<String> errLines() {
            return err.lines().filter(l -> !l.isBlank()).toList();
        }
    }

    /**
     * Starts a command.
     *
     * @param folder where its output is kept
     * @param jvm further options of the JVM
     * @param before class path entries that come before this test's
     */
    static AgentProcess start(Path folder, List<String> jvm, List<Path> before, String... arguments)
            throws IOException {
        return start(folder, AgentMain.class.getName(), List.of(), jvm, before, arguments);
    }

    /**
     * Starts another program of the product.
     *
     * @param main its main class
     * @param prefix what the command begins with, such as {@code setpriv --reuid=1234}; or empty
     */
    static AgentProcess start(
            Path folder,
            String main,
            List<String> prefix,
            List<String> jvm,
            List<Path> before,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx192m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(jvm);
        List<String> classPath = new ArrayList<>();
        before.forEach(p -> classPath.add(p.toString()));
        classPath.add(System.getProperty("java.class.path"));
        command.addAll(List.of("-cp", String.join(java.io.File.pathSeparator, classPath)));
        command.add(main);
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "process", ".out");
        Path err = Files.createTempFile(folder, "process", ".err");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        return new AgentProcess(process, out, err);
    }

    /** Runs a command to its end. */
    static Result run(Path folder, String... arguments) throws IOException, InterruptedException {
        try (AgentProcess process = start(folder, List.of(), List.of(), arguments)) {
            return process.await();
        }
    }

    Result await() throws IOException, InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IOException("the command hangs");
        }
        return new Result(process.exitValue(), text(out), text(err));
    }

    /** The port it listens on, once it said that it is ready. */
    int readyPort() throws IOException, InterruptedException {
        String address = awaitLine("chaperone: ready on ").split(" ")[3];
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** The first line of its output that begins so, once it is there. */
    String awaitLine(String beginning) throws IOException, InterruptedException {
        return awaitLine(0, beginning);
    }

    /**
     * The same among what it says from a place on.
     *
     * @param from lines of its output that are skipped
     */
    String awaitLine(int from, String beginning) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (System.nanoTime() < until) {
            boolean alive = process.isAlive(); // asked first: what it said last is read
            Optional<String> line =
                    text(out).lines().skip(from).filter(l -> l.startsWith(beginning)).findFirst();
            if (line.isPresent() || !alive) {
                return line.orElseThrow(() -> new IOException("it ended: " + err(err)));
            }
            TimeUnit.MILLISECONDS.sleep(20); // another process: nothing to wait on
        }
        throw new IOException("it did not say '" + beginning + "': " + text(err));
    }

    /** Writes a line to its standard input. */
    void type(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** How many lines it said by now. */
    int lines() throws IOException {
        return Math.toIntExact(text(out).lines().count());
    }

    private static String err(Path err) {
        try {
            return text(err);
        } catch (IOException e) {
            return "?";
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    /** kill -9, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    Path outFile() {
        return out;
    }

    Path errFile() {
        return err;
    }

    long pid() {
        return process.pid();
    }

    /** Sends SIGHUP. */
    void hangUp() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-HUP", Long.toString(pid())).start().waitFor();
    }

    /** Waits until standard error holds a text. */
    void awaitError(String text) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (!text(err).contains(text)) {
            if (System.nanoTime() > until || !process.isAlive()) {
                throw new IOException("it did not say '" + text + "' but: " + text(err));
            }
            TimeUnit.MILLISECONDS.sleep(20); // another process: nothing to wait on
        }
    }

    /** Ends it by SIGTERM; returns its exit status. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(15, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        return process.exitValue();
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
