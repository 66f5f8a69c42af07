// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.sync.Enroller;
import dev.chaperone.agent.sync.KeptIssuance;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.ServerRefusedException;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.OrganisationRoot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chaperone enroll TOKEN}: joins the company's server. */
@Command(
        name = "enroll",
        description = "Joins the company's server: its policies come here, events go there.",
        mixinStandardHelpOptions = true)
public final class EnrollCommand implements Callable<Integer> {
    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Configuration file whose upstream-proxy is the way to the server; without it"
                            + " the installed service's for its own folder.")
    private @Nullable Path config;

    @Parameters(
            paramLabel = "TOKEN",
            description =
                    "The line that begins with chp1., from the administrator; - reads it from"
                            + " standard input, so that it stands in no process list.")
    private String token = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            String text =
                    token.equals("-")
                            ? new String(
                                    System.in.readNBytes(8192),
                                    java.nio.charset.StandardCharsets.UTF_8)
                            : token;
            EnrolmentToken parsed = EnrolmentToken.parse(text);
            Path path = dataDir.resolve();
            AgentConfig configuration = configuration(path);
            try (OwnerRights _ = OwnerRights.in(path)) {
                enrol(parsed, DataFolder.open(path), configuration, out);
            }
            return ExitStatus.DONE;
        } catch (IllegalArgumentException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.USAGE;
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (ServerRefusedException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.NO;
        } catch (IOException e) {
            err.println(
                    "chaperone: the device cannot be enrolled: " + e.getClass().getSimpleName());
            return ExitStatus.ENVIRONMENT;
        }
    }

    private static void enrol(
            EnrolmentToken token, DataFolder folder, AgentConfig configuration, PrintWriter out)
            throws IOException, InterruptedException, ServerRefusedException {
        ServerLink link =
                Enroller.enrol(token, folder.path(), folder.vault(), configuration.wayOut());
        out.println(
                "enrolled with "
                        + token.server()
                        + " as device "
                        + link.device()
                        + (link.group() == null ? "" : ", group " + link.group()));
        sayRoot(folder, link, out);
        if (RunningAgent.on(folder.path()).isPresent()) {
            out.println("the running agent syncs once it is restarted");
        }
    }

    private AgentConfig configuration(Path folder) throws StartException {
        if (config != null) {
            return ServiceConfig.load(config);
        }
        return folder.equals(InstalledService.DATA)
                ? ServiceConfig.ifPresent(InstalledService.CONFIG)
                : AgentConfig.DEFAULTS;
    }

    /** Clients trusted the device's own root until now: that another counts must be said. */
    private static void sayRoot(DataFolder folder, ServerLink link, PrintWriter out)
            throws IOException {
        Optional<KeptIssuance> kept = KeptIssuance.read(folder.path(), link);
        if (kept.isPresent()) {
            X509Certificate root = kept.get().trusted().getFirst();
            out.println(
                    "AI services are now opened under "
                            + root.getSubjectX500Principal().getName()
                            + ", SHA-256 "
                            + OrganisationRoot.fingerprint(root));
            out.println(
                    "programs must trust it: IT ships it, or see 'chaperone ca export'; it lies in "
                            + folder.caFile());
        }
    }
}
