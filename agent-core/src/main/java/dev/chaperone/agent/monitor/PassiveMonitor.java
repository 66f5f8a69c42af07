// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.monitor;

import dev.chaperone.agent.EventRecorder;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.os.Capabilities;
import dev.chaperone.agent.os.LinuxClientProcesses;
import dev.chaperone.inspector.conn.OwnConnections;
import dev.chaperone.inspector.monitor.Sighting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the monitor's process running while policy asks for it, and takes its lines. That process
 * parses what strangers sent, so that its lines are checked like a stranger's; when it ends it is
 * started again, after pauses that grow. Off, it costs nothing: no thread, no process, no native
 * code. Thread-safe.
 */
public final class PassiveMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PassiveMonitor.class);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** One that ran this long did not fail at its start. */
    private static final Duration STABLE = Duration.ofMinutes(1);

    private static final int MAX_LINE = 512;
    private static final boolean LINUX =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");

    private final Path folder;
    private final Bypasses bypasses;
    private List<String> hosts = List.of();
    private boolean closed;
    private @Nullable Thread keeper;
    private @Nullable Process process;
    private String lastProblem = "";

    private PassiveMonitor(Path folder, Bypasses bypasses) {
        this.folder = folder;
        this.bypasses = bypasses;
    }

    /**
     * A monitor that does nothing until {@link #apply}.
     *
     * @param folder the data folder, for {@code doctor}
     * @param own what the proxy opened
     */
    public static PassiveMonitor of(
            Path folder, EventRecorder recorder, Supplier<Rules> rules, OwnConnections own) {
        MonitorStatus.remove(folder); // of an agent that was killed
        return new PassiveMonitor(
                folder,
                new Bypasses(
                        recorder,
                        rules,
                        own,
                        LINUX ? Optional.of(new LinuxClientProcesses()) : Optional.empty()));
    }

    /** Starts, stops or redirects the monitor as the rules say. */
    public synchronized void apply(Rules rules) {
        List<String> wanted =
                rules.policy().document().monitorsUnproxied()
                        ? rules.openHosts().openPatterns()
                        : List.of();
        if (closed || wanted.equals(hosts)) {
            return;
        }
        hosts = wanted;
        if (wanted.isEmpty()) {
            stop();
        } else if (keeper == null) {
            MonitorStatus.STARTING.write(folder);
            keeper = Thread.ofPlatform().daemon().name("monitor").start(this::keep);
        } else if (process != null) {
            tell(process);
        }
    }

    /** Reason → connections that passed by since the agent's start. */
    public Map<String, Long> counts() {
        return bypasses.counts();
    }

    private void keep() {
        Duration pause = FIRST_PAUSE;
        try {
            while (isWanted()) {
                long started = System.nanoTime();
                once();
                boolean stable = System.nanoTime() - started > STABLE.toNanos();
                pause = stable ? FIRST_PAUSE : pause;
                if (!isWanted()) {
                    return;
                }
                Thread.sleep(pause);
                pause = pause.multipliedBy(2);
                pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // stopped
        }
    }

    /** Whether the calling thread is still the one that keeps it. */
    private synchronized boolean isWanted() {
        return keeper == Thread.currentThread();
    }

    /** One life of the process. */
    private void once() throws InterruptedException {
        if (LINUX && !Capabilities.NET_RAW.isHeld()) {
            failed(
                    "the agent lacks the privilege CAP_NET_RAW, which on an installed machine root gives"
                            + " by the drop-in /opt/chaperone/share/passive-monitor.conf; see 'The"
                            + " passive monitor' in docs/command-line.md");
            return;
        }
        Process child;
        try {
            ProcessBuilder builder = new ProcessBuilder(MonitorCommandLine.words());
            builder.environment().keySet().removeAll(List.of("NOTIFY_SOCKET", "WATCHDOG_USEC"));
            child = builder.start();
        } catch (IOException e) {
            failed("its process cannot be started; install the package again");
            return;
        }
        try {
            if (!adopt(child)) {
                return;
            }
            String last = "";
            try (InputStream lines = child.getInputStream()) {
                follow(child, lines);
            } catch (IOException e) {
                last = "it wrote what it never writes";
            }
            // Process.destroy would close its standard error unread.
            boolean ignored = child.toHandle().destroyForcibly();
            String said = errors(child);
            int status = child.waitFor();
            if (isWanted()) {
                failed(!last.isEmpty() ? last : why(said, status));
            }
        } finally {
            child.destroyForcibly();
        }
    }

    private static String why(String said, int status) {
        if (said.startsWith("setpriv: ")) {
            return "its process cannot be started with fewer privileges ("
                    + said
                    + "); the service lacks the call capset, see 'The passive monitor' in"
                    + " docs/command-line.md";
        }
        return said.isEmpty() ? "it ended with status " + status : said;
    }

    private synchronized boolean adopt(Process child) {
        if (keeper != Thread.currentThread()) {
            return false;
        }
        process = child;
        tell(child);
        return true;
    }

    private void tell(Process child) {
        try {
            var out = child.getOutputStream();
            out.write(("hosts " + String.join(" ", hosts) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            // It ended, and the thread that reads it sees that too.
        }
    }

    /**
     * Takes lines until the process ends.
     *
     * @throws IOException when a line is longer than any that the monitor writes
     */
    private void follow(Process child, InputStream in) throws IOException {
        MonitorStatus status = new MonitorStatus(child.pid(), "", 0, 0);
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next != '\n') {
                if (line.length() == MAX_LINE) {
                    throw new IOException("a line is too long");
                }
                line.append((char) next); // ASCII, or no line of the monitor
                continue;
            }
            String text = line.toString();
            line.setLength(0);
            if (text.equals("ready")) {
                status.write(folder);
                LOG.info("the passive monitor runs, process {}", child.pid());
                lastProblem = "";
            } else if (text.matches("figures \\d{1,18} \\d{1,18}")) {
                String[] figures = text.split(" ");
                status = status.counting(Long.parseLong(figures[1]), Long.parseLong(figures[2]));
                status.write(folder);
            } else if (isWanted()) {
                Sighting.parse(text).ifPresent(bypasses::seen);
            }
        }
    }

    /** The last line of its standard error, printable and short. */
    private static String errors(Process child) {
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(child.getErrorStream(), StandardCharsets.UTF_8))) {
            char[] some = new char[4 * MAX_LINE];
            int got = Math.max(0, in.read(some));
            String text = new String(some, 0, got).strip();
            String last = text.substring(text.lastIndexOf('\n') + 1);
            return last.replaceAll("\\p{Cc}", " ").replaceFirst("^chaperone: ", "");
        } catch (IOException e) {
            return "";
        }
    }

    /** Says it once, however often it is tried. */
    private void failed(String problem) {
        MonitorStatus.failed(problem).write(folder);
        if (!problem.equals(lastProblem)) {
            LOG.warn("connections beside the proxy are not counted, all else goes on: {}", problem);
            lastProblem = problem;
        }
    }

    private void stop() {
        Thread running = keeper;
        keeper = null;
        if (process != null) {
            process.destroyForcibly();
            process = null;
        }
        if (running != null) {
            running.interrupt();
        }
        MonitorStatus.remove(folder);
    }

    @Override
    public synchronized void close() {
        closed = true;
        stop();
    }
}
