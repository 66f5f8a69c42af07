// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A child process of the demonstration that is spoken to line by line. */
final class DemoProcess implements AutoCloseable {
    private static final int LINE_SECONDS = 20;

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;

    private DemoProcess(Process process) {
        this.process = process;
        this.out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.in =
                new BufferedWriter(
                        new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts a Java main class with this process's own runtime and class path.
     *
     * @param errors where standard error goes
     * @param jvm options of the JVM
     */
    static DemoProcess java(Path errors, List<String> jvm, String mainClass, List<String> arguments)
            throws IOException {
        return java(errors, jvm, System.getProperty("java.class.path"), mainClass, arguments);
    }

    /** The same with another class path. */
    static DemoProcess java(
            Path errors,
            List<String> jvm,
            String classPath,
            String mainClass,
            List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        command.addAll(arguments);
        return new DemoProcess(new ProcessBuilder(command).redirectError(errors.toFile()).start());
    }

    /** The next line of its output; an IOException when it ends or takes too long. */
    String line() throws IOException, InterruptedException {
        CompletableFuture<String> next = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        String line = out.readLine();
                        if (line == null) {
                            next.completeExceptionally(new IOException("ended early"));
                        } else {
                            next.complete(line);
                        }
                    } catch (IOException e) {
                        next.completeExceptionally(e);
                    }
                });
        try {
            return next.get(LINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("a process of the demonstration ended early or hangs");
        }
    }

    void say(String line) throws IOException {
        in.write(line);
        in.newLine();
        in.flush();
    }

    long pid() {
        return process.pid();
    }

    /** Everything it still says, until it ends. */
    List<String> rest() {
        return out.lines().toList();
    }

    /** Waits until it ends by itself; its exit status. */
    int stopped() throws InterruptedException {
        if (!process.waitFor(LINE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    /** Ends it politely, then firmly. Returns its exit status. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(8, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            process.waitFor();
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
