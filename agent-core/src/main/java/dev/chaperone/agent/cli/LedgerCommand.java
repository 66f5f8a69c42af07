// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.agent.ledger.PersonalLedger;
import dev.chaperone.agent.restore.RestoreStore;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.agent.sync.BundleKeeper;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.policies.PolicyDocument;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code chaperone ledger}: what is collected about me, why, who reads it and when it is deleted,
 * and every exception in force.
 */
@Command(
        name = "ledger",
        description =
                "Shows every field kept or sent about you with its purpose, readers and end, and every exception in force.",
        mixinStandardHelpOptions = true)
public final class LedgerCommand implements Callable<Integer> {
    private static final Duration RECENT = Duration.ofDays(30);

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Option(
            names = "--language",
            paramLabel = "en|de",
            description = "Language of the words. Default: the system's.")
    private String language = Locale.getDefault().getLanguage();

    @Option(
            names = "--forget",
            description = "Delete the redacted values that are kept for restoring answers.")
    private boolean forget;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (OwnerRights _ = OwnerRights.in(dataDir.resolve())) {
            if (forget) {
                return forget(out);
            }
            Ledger ledger = ledger();
            if (json) {
                out.println(JsonMapper.builder().build().writeValueAsString(ledger));
            } else {
                print(out, ledger);
            }
            out.flush();
            return ExitStatus.DONE;
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (IpcClient.RefusedException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.NO;
        } catch (IOException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }

    private int forget(PrintWriter out)
            throws StartException, IOException, IpcClient.RefusedException {
        long values = forgotten();
        out.println(values == 1 ? "1 value deleted." : values + " values deleted.");
        out.flush();
        return ExitStatus.DONE;
    }

    private long forgotten() throws StartException, IOException, IpcClient.RefusedException {
        Path path = dataDir.resolve();
        Optional<IpcClient> running = AgentLink.find(path);
        if (running.isPresent()) {
            try (IpcClient agent = running.get()) {
                return agent.call(Ipc.FORGET, Map.of()).asLong();
            }
        }
        DataFolder folder = DataFolder.open(path);
        return RestoreStore.forgetOnDisk(folder.path(), folder.vault(), -1);
    }

    /** The running agent's; without one, what its files say of all users of the folder. */
    private Ledger ledger() throws StartException, IOException, IpcClient.RefusedException {
        Path path = dataDir.resolve();
        Optional<IpcClient> running = AgentLink.find(path);
        if (running.isPresent()) {
            try (IpcClient agent = running.get()) {
                return agent.value(
                        agent.call(Ipc.LEDGER, Map.of("language", language)), Ledger.class);
            }
        }
        DataFolder folder = DataFolder.open(path);
        Instant now = Instant.now();
        PersonalLedger.Recent recent = new PersonalLedger.Recent();
        new EventReader(folder.path(), folder.vault()).each(null, now.minus(RECENT), recent::add);
        return PersonalLedger.of(policy(path), recent, 0, now, language);
    }

    private static PolicyDocument policy(Path folder) throws StartException, IOException {
        Optional<ServerLink> server = ServerLink.read(folder);
        if (server.isPresent()) {
            Optional<BundleKeeper.InForce> published =
                    new BundleKeeper(folder, server.get(), InstantSource.system()).load();
            if (published.isPresent()) {
                return published.get().document();
            }
        }
        return Rules.load(Optional.empty(), List.of()).policy().document();
    }

    private static void print(PrintWriter out, Ledger ledger) {
        out.println(ledger.enforcement());
        out.println();
        for (Ledger.OptOut optOut : ledger.optOuts()) {
            out.println(
                    optOut.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                            + "  "
                            + Inert.text(optOut.name())
                            + ": "
                            + Inert.text(optOut.says())
                            + (optOut.count() > 0 ? "  (" + optOut.count() + "× in 30 d)" : ""));
        }
        String record = "";
        for (Ledger.Field field : ledger.fields()) {
            if (!field.record().equals(record)) {
                record = field.record();
                out.println();
                out.println(record);
            }
            out.println(
                    "  "
                            + (field.sent() ? "sent  " : "here  ")
                            + field.name()
                            + ": "
                            + field.what()
                            + ". "
                            + field.purpose()
                            + ". "
                            + field.reader()
                            + ". "
                            + field.expiry()
                            + ".");
        }
        out.println();
        out.println("redacted values kept for restoring answers: " + ledger.redactedValues());
    }
}
