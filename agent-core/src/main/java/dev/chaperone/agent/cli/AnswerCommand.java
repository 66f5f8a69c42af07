// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.ipc.AnswerRequest;
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/**
 * {@code chaperone answer}: answers a question. To redact or to cancel is open to everybody; to
 * send needs a person who types at a terminal, with no AI agent above the process. The agent checks
 * the process once more: this command is a convenience, not the guard.
 */
@Command(
        name = "answer",
        description = "Answers a question that 'chaperone pending' lists.",
        mixinStandardHelpOptions = true)
public final class AnswerCommand implements Callable<Integer> {
    private static final int TYPED = 4;

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Parameters(paramLabel = "ID", description = "The question's id, or its last eight hex digits.")
    private String id = "";

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Which which;

    private static final class Which {
        @Option(names = "--redact", description = "Send it without what was found.")
        @SuppressWarnings("unused") // one of the three is set: what is left
        private boolean redact;

        @Option(names = "--cancel", description = "Send nothing.")
        private boolean cancel;

        @Option(names = "--send", description = "Send it as it is; needs --reason and a person.")
        private boolean send;
    }

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why it may be sent.")
    private @Nullable String reason;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (which.send && (reason == null || reason.isBlank())) {
            err.println("chaperone: --send needs --reason TEXT");
            return ExitStatus.USAGE;
        }
        return AgentLink.ask(
                dataDir.resolve(),
                err,
                agent -> {
                    Optional<String> refusal = which.send ? guard(agent) : Optional.empty();
                    if (refusal.isPresent()) {
                        err.println("chaperone: not sent: " + refusal.get());
                        return ExitStatus.NO;
                    }
                    return answer(agent);
                });
    }

    private int answer(IpcClient agent) throws IOException, IpcClient.RefusedException {
        JsonNode result =
                agent.call(
                        Ipc.ANSWER,
                        new AnswerRequest(
                                id.toLowerCase(Locale.ROOT), choice(), AnswerRequest.Via.TERMINAL));
        Answered answered = agent.value(result, Answered.class);
        spec.commandLine()
                .getOut()
                .println(
                        answered.held()
                                ? "Answered; the message goes on."
                                : "Answered; it holds when the same message is sent again.");
        return ExitStatus.DONE;
    }

    private Choice choice() {
        if (which.send) {
            return new Choice.Send(String.valueOf(reason));
        }
        return which.cancel ? new Choice.Cancel() : Choice.Redact.all();
    }

    /** Why this process may not send; empty when a person confirmed it. */
    private Optional<String> guard(IpcClient agent) throws IOException, IpcClient.RefusedException {
        Optional<String> nobody = PersonAtTerminal.missing("to send");
        if (nobody.isPresent()) {
            return nobody;
        }
        Optional<Question> question = find(agent);
        if (question.isEmpty()) {
            return Optional.of("no open question has that id; 'chaperone pending' lists them");
        }
        String full = question.get().id().toString();
        String last = full.substring(full.length() - TYPED);
        return PersonAtTerminal.typed(
                "Send as it is to %s? Type the last %d characters of id %s: "
                        .formatted(question.get().service(), TYPED, question.get().shortId()),
                last);
    }

    private Optional<Question> find(IpcClient agent)
            throws IOException, IpcClient.RefusedException {
        String wanted = id.toLowerCase(Locale.ROOT);
        for (JsonNode node : agent.call(Ipc.PENDING, Map.of())) {
            Question question = agent.value(node, Question.class);
            if (question.shortId().equals(wanted) || question.id().toString().equals(wanted)) {
                return Optional.of(question);
            }
        }
        return Optional.empty();
    }
}
