// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.lifecycle.Caller;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.sync.Enroller;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.ServerRefusedException;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.LedgerBusyException;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.MachineSetup;
import dev.chaperone.installer.MachineSetup.Outcome;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.installer.linux.LinuxSteps;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code chaperone machine}: what the deb's and rpm's scripts call, as root. Trust stores, browser
 * policies and proxy settings of the whole machine, each with its undo. MSI and PKG carry their own
 * (docs/adr/0017).
 */
@Command(
        name = "machine",
        description =
                "Sets this machine up for the installed service, or takes that back (Linux, root only;"
                        + " the packages call it).",
        mixinStandardHelpOptions = true)
public final class MachineCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitStatus.USAGE;
    }

    private interface Work {
        int run() throws IOException, StartException, InterruptedException;
    }

    private int asRoot(Work work) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        if (!System.getProperty("os.name", "").startsWith("Linux")) {
            err.println(
                    "chaperone: machine: not on this system: the MSI or PKG sets the machine up, and"
                            + " its removal takes that back");
            return ExitStatus.ENVIRONMENT;
        }
        if (!InstalledService.isRoot()) {
            err.println("chaperone: machine changes the whole machine; run it as root");
            return ExitStatus.ENVIRONMENT;
        }
        try {
            return work.run();
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (LedgerBusyException e) {
            // Not the status by which the packages' scripts know damaged programs.
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.NO;
        } catch (IOException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }

    @Command(
            name = "install",
            aliases = "repair",
            description =
                    "Makes everything hold that is to hold. What holds already is left alone; a step"
                            + " that fails is taken back and said. Status 1 when one did.",
            mixinStandardHelpOptions = true)
    int install() throws InterruptedException {
        return asRoot(() -> {
            Path data = dataFolder();
            enrol(data);
            List<X509Certificate> roots = roots(data);
            MachineSettings settings = new MachineSettings(roots, pacUrl());
            Set<String> before = standing();
            List<Outcome> outcomes = setup().install(settings);
            Set<String> after = standing();
            if (!after.equals(before)) { // a timer calls this every hour, mostly for nothing
                record(
                        data,
                        before.isEmpty() ? "machine-install" : "machine-repair",
                        after.size() + " changes stand, before " + before.size());
            }
            return tell(outcomes);
        });
    }

    @Command(
            name = "uninstall",
            description =
                    "Takes back every change, for users who are not logged in too. Status 1 when"
                            + " something could not be taken back; call it again then.",
            mixinStandardHelpOptions = true)
    int uninstall() throws InterruptedException {
        String program = System.getProperty("jpackage.app-path", "");
        return asRoot(() -> takeBack(Machine.here(), setup(), program));
    }

    /** What users' own calls left, then what stands on the machine: neither holds the other up. */
    int takeBack(Machine machine, MachineSetup setup, String program)
            throws IOException, StartException {
        List<Outcome> left = new ArrayList<>(forUsers(machine, program));
        int before = setup.standing().size();
        left.addAll(setup.uninstall());
        if (Files.isDirectory(InstalledService.DATA) && before > 0) {
            record(
                    InstalledService.DATA,
                    "machine-uninstall",
                    before + " changes stood, now " + setup.standing().size());
        }
        return tell(left);
    }

    /**
     * What users' own calls of {@code trust --repair} and {@code exec} left in their homes, taken
     * back as those users, logged in or not. One who cannot be served holds nobody up, nor does the
     * package stay for it: its scripts go by whether the ledger is empty.
     *
     * @param program this launcher; empty when there is none
     * @return one for each user whose settings stay as they are
     */
    private static List<Outcome> forUsers(Machine machine, String program) throws IOException {
        List<Outcome> left = new ArrayList<>();
        for (UserAccount user : machine.users()) {
            Path state = user.home().resolve(".local/state/chaperone");
            if (!Files.isDirectory(machine.path(state.toString()))) {
                continue;
            }
            Commands.Ended ended = new Commands.Ended(0, "");
            if (Files.isDirectory(machine.path(state.resolve("trust").toString()))
                    && !program.isEmpty()) {
                ended = machine.commands().runAs(user, List.of(program, "trust", "--undo"));
            }
            if (ended.ok()) {
                ended =
                        machine.commands()
                                .runAs(user, List.of("rm", "-rf", "--", state.toString()));
            }
            if (!ended.ok()) {
                String said = ended.lastLine();
                left.add(
                        new Outcome(
                                "developer tools of " + user.name(),
                                false,
                                (said.isEmpty() ? "ended with status " + ended.status() : said)
                                        + "; as that user: chaperone trust --undo, or what "
                                        + state
                                        + " lists, by hand"));
            }
        }
        return left;
    }

    private static Set<String> standing() throws IOException {
        Set<String> keys = new HashSet<>();
        setup().standing().forEach(e -> keys.add(e.change().key()));
        return keys;
    }

    /**
     * What cannot be recorded is done all the same: a removal least of all waits for the folder.
     */
    private void record(Path data, String kind, String detail) {
        try (OwnerRights _ = OwnerRights.in(data)) {
            DataFolder folder = DataFolder.open(data);
            boolean ignored =
                    new LifecycleLog(folder.path(), folder.vault(), InstantSource.system())
                            .record(kind, detail, Caller.of(System.getenv()));
        } catch (StartException | IOException e) {
            spec.commandLine().getErr().println("chaperone: not recorded: " + e.getMessage());
        }
    }

    private static List<X509Certificate> roots(Path data) throws IOException, StartException {
        try (OwnerRights _ = OwnerRights.in(data)) {
            DataFolder folder = DataFolder.open(data);
            folder.requireTrusted(Instant.now());
            return Pem.decodeAll(Files.readString(folder.caFile()));
        }
    }

    @Command(
            name = "status",
            description = "Lists every change that stands, oldest first.",
            mixinStandardHelpOptions = true)
    int status() throws InterruptedException {
        return asRoot(() -> {
            PrintWriter out = spec.commandLine().getOut();
            setup().standing().forEach(e -> out.println(e.step() + ": " + e.change().key()));
            out.flush();
            return ExitStatus.DONE;
        });
    }

    private static MachineSetup setup() {
        return new MachineSetup(Machine.here(), InstalledService.UNDO_LEDGER, LinuxSteps.all());
    }

    private int tell(List<Outcome> outcomes) {
        PrintWriter err = spec.commandLine().getErr();
        for (Outcome outcome : outcomes) {
            err.println(
                    "chaperone: "
                            + outcome.step()
                            + (outcome.done() ? ": " : ": NOT DONE: ")
                            + outcome.detail());
        }
        err.flush();
        return outcomes.stream().allMatch(Outcome::done) ? ExitStatus.DONE : ExitStatus.NO;
    }

    /** The service's folder, its account's from the first moment. */
    private static Path dataFolder() throws IOException, StartException {
        Path data = InstalledService.DATA;
        try {
            UserPrincipalLookupService accounts =
                    data.getFileSystem().getUserPrincipalLookupService();
            UserPrincipal account = accounts.lookupPrincipalByName(InstalledService.ACCOUNT);
            if (!Files.isDirectory(data)) {
                DataFolder.open(data).close();
            }
            if (!Files.getOwner(data).equals(account)) {
                Files.getFileAttributeView(data, PosixFileAttributeView.class)
                        .setGroup(accounts.lookupPrincipalByGroupName(InstalledService.ACCOUNT));
                Path ignored = Files.setOwner(data, account);
            }
        } catch (UserPrincipalNotFoundException e) {
            throw new IOException("the account 'chaperone' is missing; install the package again");
        }
        return data;
    }

    /** By the token that was left for it; one that is refused is kept for the next try. */
    private void enrol(Path data) throws IOException, InterruptedException {
        Path token = InstalledService.ENROLMENT_TOKEN;
        PrintWriter err = spec.commandLine().getErr();
        if (!Files.isReadable(token)) {
            return;
        }
        try {
            EnrolmentToken parsed = EnrolmentToken.parse(Files.readString(token).strip());
            AgentConfig config = ServiceConfig.ifPresent(InstalledService.CONFIG);
            ServerLink link;
            try (OwnerRights _ = OwnerRights.in(data)) {
                DataFolder folder = DataFolder.open(data);
                link = Enroller.enrol(parsed, folder.path(), folder.vault(), config.wayOut());
            }
            err.println("chaperone: enrolled as device " + link.device());
            enrolled(token);
        } catch (IllegalArgumentException
                | ServerRefusedException
                | StartException
                | IOException e) {
            err.println(
                    "chaperone: not enrolled: "
                            + e.getMessage()
                            + " ("
                            + token
                            + " is kept; it is tried again at each start of the machine and once an hour)");
        }
    }

    /** The token has done its work, and the service has to know. */
    private void enrolled(Path token) {
        try {
            Files.delete(token);
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "chaperone: "
                                    + token
                                    + " cannot be deleted; delete it, or each repair enrols anew");
        }
        Commands.Ended ignored =
                Machine.here()
                        .commands()
                        .run(
                                List.of(
                                        "systemctl",
                                        "--no-block",
                                        "try-restart",
                                        "chaperone.service"));
    }

    private static String pacUrl() throws StartException {
        return "http://" + ServiceConfig.ifPresent(InstalledService.CONFIG).listen() + "/proxy.pac";
    }
}
