// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The programs of this machine, found in the system's folders only. */
public final class SystemCommands implements Commands {
    private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

    /** Windows' own folder; some of its programs do not start without it. */
    private static final String SYSTEM_ROOT =
            Objects.requireNonNullElse(System.getenv("SystemRoot"), "C:\\Windows");

    private static final List<String> PATH =
            WINDOWS
                    ? List.of(SYSTEM_ROOT + "\\System32")
                    : List.of(
                            "/usr/sbin",
                            "/usr/bin",
                            "/sbin",
                            "/bin",
                            "/usr/local/sbin",
                            "/usr/local/bin");

    /** A slow disk makes update-ca-certificates take its time. */
    private static final int SECONDS = 120;

    /** What a person's files make a program wait for holds nobody else up for long. */
    private static final int SECONDS_AS_USER = 15;

    /**
     * What hangs in one of a person's files hangs in the next: no program is started after that.
     */
    private static final long LONGEST_FAILING_NANOS = 10_000_000_000L;

    private final Map<Integer, Long> failing = new ConcurrentHashMap<>();

    private static final int MOST_OUTPUT = 64 << 10;

    @Override
    public Ended run(List<String> command) {
        return run(command, SECONDS);
    }

    private static Ended run(List<String> command, int seconds) {
        List<String> whole = new ArrayList<>(command);
        String program = find(command.getFirst());
        if (program.isEmpty()) {
            return new Ended(NOT_FOUND, command.getFirst() + " is not installed");
        }
        whole.set(0, program);
        try {
            ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
            Map<String, String> environment = builder.environment();
            environment.clear();
            environment.put("PATH", String.join(File.pathSeparator, PATH));
            environment.put("LC_ALL", "C.UTF-8");
            if (WINDOWS) {
                environment.put("SystemRoot", SYSTEM_ROOT);
            }
            Process process = builder.start();
            process.getOutputStream().close();
            return await(process, command.getFirst(), seconds);
        } catch (IOException e) {
            return new Ended(NOT_FOUND, command.getFirst() + " cannot be run");
        }
    }

    private static Ended await(Process process, String program, int seconds) throws IOException {
        CompletableFuture<String> output = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try (InputStream in = process.getInputStream()) {
                        String text =
                                new String(in.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
                        long rest = in.transferTo(java.io.OutputStream.nullOutputStream());
                        output.complete(rest == 0 ? text : text + "\n…");
                    } catch (IOException e) {
                        output.complete("");
                    }
                });
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return new Ended(TOO_LONG, program + " did not end within " + seconds + " s");
            }
            return new Ended(process.exitValue(), output.get(2, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return new Ended(TOO_LONG, program + " was interrupted");
        } catch (ExecutionException | TimeoutException e) {
            // A child of it holds the pipe open; how it ended is known.
            return new Ended(process.exitValue(), "");
        }
    }

    @Override
    public Ended runAs(UserAccount user, List<String> command) {
        if (user.uid() == 0) {
            return run(command);
        }
        // A session of its own: what runs there (a PKCS #11 module, say) could type into root's
        // terminal.
        List<String> whole =
                new ArrayList<>(List.of("setsid", "-w", "runuser", "-u", user.name(), "--", "env"));
        whole.add("HOME=" + user.home());
        whole.addAll(command);
        if (failing.getOrDefault(user.uid(), 0L) > LONGEST_FAILING_NANOS) {
            return new Ended(TOO_LONG, "not asked again: no answer to what was asked before");
        }
        long began = System.nanoTime();
        Ended ended = run(whole, SECONDS_AS_USER);
        if (!ended.ok()) {
            failing.merge(user.uid(), System.nanoTime() - began, Long::sum);
        }
        return ended.status() == TOO_LONG
                ? new Ended(TOO_LONG, "no answer within " + SECONDS_AS_USER + " s")
                : ended;
    }

    @Override
    public boolean installed(String program) {
        return !find(program).isEmpty();
    }

    private static String find(String program) {
        if (program.startsWith("/")) {
            return Files.isExecutable(Path.of(program)) ? program : "";
        }
        return PATH.stream()
                .map(folder -> folder + File.separator + program)
                .filter(p -> Files.isExecutable(Path.of(p)))
                .findFirst()
                .orElse("");
    }
}
