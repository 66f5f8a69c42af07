// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.model.ipc.Paused;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code chaperone pause}: lets this user's connections to AI services pass uninspected for a
 * while, where policy allows it. Needs a person who types at a terminal, with no AI agent above the
 * process; the agent checks the process once more.
 */
@Command(
        name = "pause",
        description = {
            "Pauses the inspection of your own connections for a while, where policy allows it.",
            "That you did, how long and the reason are recorded, and go to the company's server.",
        },
        mixinStandardHelpOptions = true)
public final class PauseCommand implements Callable<Integer> {
    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,3})([mh])");
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm");

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(
            names = "--for",
            paramLabel = "TIME",
            required = true,
            description = "How long, such as 15m or 1h; policy says how long is allowed.")
    private String time = "";

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why, in one line; policy may ask for it. Is kept.")
    private @Nullable String reason;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Matcher matcher = DURATION.matcher(time);
        if (!matcher.matches()) {
            err.println(
                    "chaperone: --for '"
                            + Inert.text(time)
                            + "': give minutes or hours, such as 15m or 1h");
            return ExitStatus.USAGE;
        }
        int minutes = Integer.parseInt(matcher.group(1)) * (matcher.group(2).equals("h") ? 60 : 1);
        return AgentLink.ask(
                dataDir.resolve(),
                err,
                agent -> {
                    AgentStatus.Pause allowed = agent.awaitStatus().pause();
                    Optional<String> refusal =
                            allowed == null
                                    ? Optional.of("policy does not allow to pause")
                                    : guard(minutes);
                    if (refusal.isPresent()) {
                        err.println("chaperone: not paused: " + refusal.get());
                        return ExitStatus.NO;
                    }
                    Paused paused;
                    try {
                        PauseRequest request = new PauseRequest(minutes, reason, Via.TERMINAL);
                        paused = agent.value(agent.call(Ipc.PAUSE, request), Paused.class);
                    } catch (IpcClient.RefusedException e) {
                        err.println("chaperone: not paused: " + e.getMessage());
                        return e.code() == Ipc.INVALID_PARAMS ? ExitStatus.USAGE : ExitStatus.NO;
                    }
                    spec.commandLine()
                            .getOut()
                            .println(
                                    "Paused until "
                                            + at(paused.until())
                                            + "; connections that are open stay as they are. To end it:"
                                            + " chaperone resume");
                    return ExitStatus.DONE;
                });
    }

    private static String at(Instant until) {
        return CLOCK.format(until.atZone(ZoneId.systemDefault()));
    }

    /** Why this process may not pause; empty when a person confirmed it. */
    private static Optional<String> guard(int minutes) {
        Optional<String> nobody = PersonAtTerminal.missing("that");
        if (nobody.isPresent()) {
            return nobody;
        }
        return PersonAtTerminal.typed(
                "Until %s nothing that you and your programs send to AI services is inspected; this is recorded. Type the number of minutes (%d): "
                        .formatted(at(Instant.now().plus(Duration.ofMinutes(minutes))), minutes),
                Integer.toString(minutes));
    }
}
