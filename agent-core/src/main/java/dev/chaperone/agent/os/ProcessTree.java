// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Looks for an agent harness above a process, in {@code /proc} (proc(5)). A program that wants to
 * hide can: it may cut itself from its parents and clear its environment. What remains is said in
 * the threat model.
 */
public final class ProcessTree {
    private static final int MAX_DEPTH = 64;

    /** Field of {@code /proc/PID/stat} behind the name: state, ppid, pgrp, session, tty_nr. */
    private static final int PARENT = 1;

    private static final int TTY = 4;

    private final Path proc;

    public ProcessTree() {
        this(Path.of("/proc"));
    }

    ProcessTree(Path proc) {
        this.proc = proc;
    }

    /**
     * What is above a process, itself included.
     *
     * @param harness name of the harness found; empty when there is none
     * @param complete false when the tree could not be read up to its root
     * @param terminal whether the process has a controlling terminal
     */
    public record Ancestry(Optional<String> harness, boolean complete, boolean terminal) {}

    /** Reads the tree above a process. */
    public Ancestry above(long pid) {
        boolean terminal = stat(pid).map(f -> !f[TTY].equals("0")).orElse(false);
        if (text(pid, "environ").isEmpty()) {
            // Not ours to read: whether an agent started it cannot be told.
            return new Ancestry(Optional.empty(), false, terminal);
        }
        long at = pid;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            Optional<String[]> stat = stat(at);
            if (stat.isEmpty()) {
                return new Ancestry(Optional.empty(), false, terminal);
            }
            Optional<String> harness = harness(at);
            if (harness.isPresent()) {
                return new Ancestry(harness, true, terminal);
            }
            long parent = Long.parseLong(stat.get()[PARENT]);
            if (parent <= 0) {
                return new Ancestry(Optional.empty(), true, terminal);
            }
            at = parent;
        }
        return new Ancestry(Optional.empty(), false, terminal);
    }

    private Optional<String> harness(long pid) {
        List<String> arguments = strings(pid, "cmdline");
        List<String> names = new ArrayList<>();
        text(pid, "comm").ifPresent(c -> names.add(c.strip()));
        executable(pid)
                .ifPresent(e -> {
                    names.add(fileName(e));
                    Scripts.of(e, arguments).ifPresent(s -> names.add(fileName(s)));
                });
        if (!arguments.isEmpty()) {
            names.add(fileName(arguments.getFirst()));
        }
        Optional<String> named = names.stream().filter(AgentHarnesses::isOne).findFirst();
        return named.isPresent()
                ? named
                : AgentHarnesses.behind(
                        strings(pid, "environ").stream()
                                .map(v -> v.substring(0, Math.max(0, v.indexOf('='))))
                                .toList());
    }

    private Optional<String> executable(long pid) {
        try {
            return Optional.of(Files.readSymbolicLink(proc.resolve(pid + "/exe")).toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private List<String> strings(long pid, String file) {
        return text(pid, file).map(t -> Arrays.asList(t.split("\0"))).orElse(List.of());
    }

    /** The fields behind the name, which may hold spaces and parentheses itself. */
    private Optional<String[]> stat(long pid) {
        return text(pid, "stat")
                .map(t -> t.substring(t.lastIndexOf(')') + 1).strip().split(" "))
                .filter(f -> f.length > TTY && f[PARENT].matches("-?\\d+"));
    }

    private Optional<String> text(long pid, String file) {
        try {
            return Optional.of(
                    new String(
                            Files.readAllBytes(proc.resolve(pid + "/" + file)),
                            StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty(); // ended, or not ours to read
        }
    }
}
