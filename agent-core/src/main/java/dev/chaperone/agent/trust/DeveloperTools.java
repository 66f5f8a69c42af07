// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import dev.chaperone.agent.trust.UndoLedger.Undone;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The developer tools of the person who runs this process: which of them trust our root, what makes
 * them, and its undo (ADR 0016). {@link #repair} changes only what was seen not to trust, asks
 * again afterwards, and takes back at once what did not help.
 */
public final class DeveloperTools {
    /** Tools are asked side by side; each is a process with a start of its own. */
    private static final int AT_ONCE = 3;

    private static final List<TrustTarget> TARGETS =
            List.of(
                    new GitTarget(),
                    new CurlTarget(),
                    new WgetTarget(),
                    new NodeTarget(),
                    new ClaudeCodeTarget(),
                    new CodexTarget(),
                    PythonTarget.requests(),
                    PythonTarget.httpx(),
                    new JavaTarget(),
                    new RegistryTool("npm"),
                    new RegistryTool("pip"),
                    new RegistryTool("uv"),
                    new RegistryTool("conda"),
                    new RegistryTool("cargo"),
                    new RegistryTool("mvn"),
                    new RegistryTool("gradle"));

    private final Path home;
    private final Map<String, String> process;
    private final TrustFolder folder;
    private final UndoLedger ledger;

    /** One installed program of a target. */
    private record Installed(TrustTarget target, Path program) {}

    /** What was seen of it. */
    private record Seen(Installed tool, Probe.Answer answer) {
        boolean refuses() {
            return answer.state() == State.DOES_NOT_TRUST;
        }
    }

    /** What was set for one tool: entries of the ledger, or variables of new terminals. */
    private record Set(List<Integer> entries, List<String> variables, List<String> shown) {}

    private DeveloperTools(Path home, Map<String, String> process, String rootPem) {
        this.home = home;
        this.process = Map.copyOf(process);
        this.folder = new TrustFolder(TrustFolder.of(home, process), rootPem);
        this.ledger = new UndoLedger(folder.ledger(), home);
    }

    /**
     * The tools of the person who runs this process.
     *
     * @param rootPem what they are to trust; for undo it may be empty
     */
    public static DeveloperTools ofCurrentUser(String rootPem) {
        return of(System.getenv(), rootPem);
    }

    /** The same for a given environment. */
    static DeveloperTools of(Map<String, String> environment, String rootPem) {
        String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return new DeveloperTools(Path.of(home).toAbsolutePath(), environment, rootPem);
    }

    /**
     * Asks every tool.
     *
     * @param proxy HOST:PORT of the running agent
     */
    public List<ToolReport> examine(String proxy) throws InterruptedException, TrustException {
        Person person = person();
        List<ToolReport> reports = new ArrayList<>();
        for (Seen seen : ask(person, installed(person), proxy)) {
            reports.add(
                    report(person, seen, seen.refuses() ? remedy(person, seen) : "", List.of()));
        }
        reports.addAll(absent(reports));
        return reports;
    }

    /** Bundles of ours that the system's certificates, or the person's own, have overtaken. */
    public List<String> stale() {
        try {
            Person shown = new Person(home, Map.of());
            return folder.exists() ? folder.stale().stream().map(shown::shown).toList() : List.of();
        } catch (IOException e) {
            return List.of(folder.path() + " cannot be read");
        }
    }

    /**
     * Makes every tool trust that does not, as far as it is this person's to change.
     *
     * @throws TrustException when nothing could be begun; a tool that fails is in its report
     */
    public List<ToolReport> repair(String proxy) throws InterruptedException, TrustException {
        try {
            folder.make();
            try (FileChannel _ = lock()) {
                return repaired(proxy);
            }
        } catch (IOException e) {
            throw notWritable();
        }
    }

    private List<ToolReport> repaired(String proxy)
            throws InterruptedException, TrustException, IOException {
        Person person = person();
        List<Seen> before = ask(person, installed(person), proxy);
        Map<Installed, Set> done = new LinkedHashMap<>();
        Map<Installed, String> failed = new LinkedHashMap<>();
        for (Seen seen : before) {
            if (seen.refuses()) {
                try {
                    done.put(seen.tool, carryOut(person, seen.tool));
                } catch (TrustException e) {
                    failed.put(seen.tool, String.valueOf(e.getMessage()));
                }
            }
        }
        List<ToolReport> reports = judged(before, done, failed, proxy);
        if (ledger.isEmpty()) {
            folder.delete();
        }
        reports.addAll(absent(reports));
        return reports;
    }

    private List<ToolReport> judged(
            List<Seen> before,
            Map<Installed, Set> done,
            Map<Installed, String> failed,
            String proxy)
            throws InterruptedException, TrustException, IOException {
        Person person = person(); // a new terminal's: what was set is in force there
        Map<Installed, Seen> after = new LinkedHashMap<>();
        for (Seen seen : ask(person, List.copyOf(done.keySet()), proxy)) {
            after.put(seen.tool, seen);
        }
        List<ToolReport> reports = new ArrayList<>();
        for (Seen seen : before) {
            Set set = done.get(seen.tool);
            Seen now = after.getOrDefault(seen.tool, seen);
            if (set == null) {
                String why = failed.getOrDefault(seen.tool, "");
                reports.add(report(person, seen, why, List.of()));
            } else if (now.answer.state() == State.TRUSTS) {
                reports.add(report(person, now, "", set.shown));
            } else {
                takeBack(set);
                String why = "what was set did not help and was taken back: report this";
                reports.add(report(person, now, why, List.of()));
            }
        }
        return reports;
    }

    /** Plans and carries out; a part that cannot be done takes the other parts back. */
    private Set carryOut(Person person, Installed tool) throws TrustException, IOException {
        Repair repair = tool.target.repair(person, tool.program, folder);
        if (repair.isRefused()) {
            throw new TrustException(repair.refusal());
        }
        Set set = new Set(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try {
            for (Map.Entry<Path, Edit> file : repair.files().entrySet()) {
                ledger.apply(file.getKey(), file.getValue()).ifPresent(set.entries::add);
                set.shown.add(person.shown(file.getKey()));
            }
            for (Map.Entry<String, Path> variable : repair.variables().entrySet()) {
                setVariable(person, variable.getKey(), variable.getValue());
                set.variables.add(variable.getKey());
                set.shown.add(variable.getKey() + " in new terminals");
            }
            return set;
        } catch (TrustException e) {
            takeBack(set);
            throw e;
        }
    }

    private void setVariable(Person person, String name, Path value)
            throws TrustException, IOException {
        Map<String, String> all = folder.variables();
        all.put(name, value.toString());
        folder.setVariables(all);
        try {
            for (Map.Entry<Path, Edit> file : TerminalFiles.edits(person, folder).entrySet()) {
                var _ = ledger.apply(file.getKey(), file.getValue());
            }
        } catch (TrustException e) {
            all.remove(name);
            folder.setVariables(all);
            throw e;
        }
    }

    private void takeBack(Set set) throws TrustException, IOException {
        for (int entry : set.entries.reversed()) {
            var _ = ledger.undo(entry);
        }
        if (!set.variables.isEmpty()) {
            Map<String, String> all = folder.variables();
            set.variables.forEach(all::remove);
            folder.setVariables(all);
        }
    }

    /**
     * Takes everything back that was ever set. Works without an agent.
     *
     * @return one line a file; empty when there is nothing to take back
     * @throws TrustException at the first file that cannot be restored; the rest stays to be undone
     */
    public List<String> undo() throws TrustException {
        if (!folder.exists()) {
            return List.of();
        }
        Person person = new Person(home, Map.of());
        try (FileChannel _ = lock()) {
            List<String> lines = new ArrayList<>();
            for (Undone undone : ledger.undoAll()) {
                lines.add(person.shown(undone.file()) + said(undone.result()));
            }
            folder.delete();
            return lines;
        } catch (IOException e) {
            throw notWritable();
        }
    }

    private static String said(UndoLedger.Result result) {
        return switch (result) {
            case RESTORED -> ": as it was";
            case ONLY_OURS_REMOVED -> ": changed since by somebody else; only ours was taken out";
            case NOTHING_OF_OURS_LEFT ->
                    ": changed since by somebody else; nothing of ours was left";
        };
    }

    private Person person() {
        return Person.current(home, process, folder.path());
    }

    private static List<Installed> installed(Person person) {
        List<Installed> all = new ArrayList<>();
        for (TrustTarget target : TARGETS) {
            target.programs(person).forEach(p -> all.add(new Installed(target, p)));
        }
        return all;
    }

    private List<Seen> ask(Person person, List<Installed> tools, String proxy)
            throws InterruptedException, TrustException {
        List<Seen> seen = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Probe.Answer>> answers = new ArrayList<>();
            tools.forEach(tool -> answers.add(pool.submit(() -> ask(person, tool, proxy))));
            for (int i = 0; i < tools.size(); i++) {
                seen.add(new Seen(tools.get(i), answers.get(i).get()));
            }
            return seen;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a probe failed", e.getCause());
        }
    }

    private static Probe.Answer ask(Person person, Installed tool, String proxy)
            throws InterruptedException {
        try {
            Path scratch = Files.createTempDirectory("chaperone-trust");
            try {
                Probe.Question question = Probe.Question.of(proxy, scratch);
                Optional<Probe> probe = tool.target.probe(person, tool.program, question);
                return probe.isEmpty()
                        ? new Probe.Answer(
                                State.NOT_CONCERNED,
                                "package registries are never opened: it sees their own certificates")
                        : probe.get().run(person, question);
            } finally {
                deleteAll(scratch);
            }
        } catch (TrustException e) {
            return new Probe.Answer(State.UNKNOWN, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Probe.Answer(State.UNKNOWN, "the temporary folder cannot be written");
        }
    }

    private static void deleteAll(Path scratch) {
        try (Stream<Path> all = Files.walk(scratch)) {
            for (Path p : all.toList().reversed()) {
                Files.deleteIfExists(p);
            }
        } catch (IOException e) {
            // A tool that still writes there; the system empties its temporary folder.
        }
    }

    /** What a repair would do, without doing it. */
    private String remedy(Person person, Seen seen) {
        if (seen.tool.target instanceof JavaTarget java) {
            try {
                Repair repair = java.repair(person, seen.tool.program, folder);
                if (repair.isRefused()) {
                    return repair.refusal();
                }
            } catch (IOException | TrustException e) {
                return String.valueOf(e.getMessage());
            }
        }
        return "chaperone trust --repair";
    }

    private static ToolReport report(
            Person person, Seen seen, String remedy, List<String> changed) {
        return new ToolReport(
                seen.tool.target.name(),
                person.shown(seen.tool.program),
                seen.answer.state(),
                seen.answer.evidence(),
                remedy,
                changed);
    }

    private static List<ToolReport> absent(List<ToolReport> present) {
        return TARGETS.stream()
                .map(TrustTarget::name)
                .filter(n -> present.stream().noneMatch(r -> r.tool().equals(n)))
                .map(n -> new ToolReport(n, "", State.NOT_INSTALLED, "", "", List.of()))
                .toList();
    }

    /** Goes with the folder, or with the process. */
    private FileChannel lock() throws TrustException, IOException {
        FileChannel channel =
                FileChannel.open(
                        folder.path().resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new TrustException("another 'chaperone trust' runs; wait for its end");
        }
        return channel;
    }

    private TrustException notWritable() {
        return new TrustException(
                folder.path() + " cannot be written; make it writable and try again");
    }
}
