// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.Rules;
import dev.chaperone.agent.StartException;
import dev.chaperone.inspector.tls.InterceptDecision;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.model.service.AiService;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chaperone hosts}: what is opened and why. */
@Command(
        name = "hosts",
        description =
                "Lists the services that are opened, or tells what becomes of given hosts and why.",
        mixinStandardHelpOptions = true)
public final class HostsCommand implements Callable<Integer> {
    private static final int HTTPS = 443;

    @Parameters(paramLabel = "HOST", description = "Tell about these hosts only.", arity = "0..*")
    private List<String> asked = new ArrayList<>();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Policy file instead of the shipped baseline.")
    private @Nullable Path policy;

    @Option(
            names = "--service",
            paramLabel = "FILE",
            description = "Add a catalogue file. Repeatable.")
    private List<Path> services = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            OpenHosts hosts = Rules.load(Optional.ofNullable(policy), services).openHosts();
            if (asked.isEmpty()) {
                all(out, hosts);
            } else {
                asked.forEach(
                        host -> out.println(host + "  " + explain(hosts.decide(host, HTTPS))));
            }
            return ExitStatus.DONE;
        } catch (StartException e) {
            spec.commandLine().getErr().println("chaperone: " + e.getMessage());
            return e.exitStatus();
        }
    }

    private static void all(PrintWriter out, OpenHosts hosts) {
        for (AiService service : hosts.catalogue().services()) {
            String state = hosts.isOpen(service) ? "open  " : "closed";
            out.println(
                    state
                            + "  "
                            + service.id()
                            + "  "
                            + String.join(" ", service.hosts())
                            + (service.exclusive() ? "" : "  (declared paths only)"));
        }
    }

    private static String explain(InterceptDecision decision) {
        return switch (decision) {
            case InterceptDecision.Intercept(AiService service) -> "opened: " + service.id();
            case InterceptDecision.InjectOnly _ -> "opened to add a tenant header only";
            case InterceptDecision.Tunnel(var reason) -> "not opened: " + words(reason);
            case InterceptDecision.Refuse(var reason) -> "refused: " + words(reason);
        };
    }

    private static String words(InterceptDecision.Reason reason) {
        return switch (reason) {
            case NOT_LISTED -> "no AI service is known there";
            case NEVER_DECRYPT -> "on the never-decrypt list";
            case CLOSED_BY_DEFAULT -> "closed until a policy names the service";
            case CLOSED_BY_POLICY -> "closed by policy";
            case NO_LITERAL_NAME -> "no literal name to vouch for";
            case NOT_TLS, NAME_MISMATCH, OWN_PORT -> reason.name().toLowerCase(Locale.ROOT);
        };
    }
}
