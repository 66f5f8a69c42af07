// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code chaperone pending}: the questions that wait for an answer. */
@Command(
        name = "pending",
        description = "Lists the questions that wait for an answer, oldest first.",
        mixinStandardHelpOptions = true)
public final class PendingCommand implements Callable<Integer> {
    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Option(
            names = "--follow",
            description =
                    "Go on with new questions; as long as it runs, messages are held for an answer.")
    private boolean follow;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return AgentLink.ask(
                dataDir.resolve(),
                spec.commandLine().getErr(),
                agent -> {
                    if (follow) {
                        JsonNode ignored = agent.call(Ipc.SUBSCRIBE, language());
                    }
                    JsonNode open = agent.call(Ipc.PENDING, language());
                    open.forEach(question -> print(out, agent, question));
                    if (open.isEmpty() && !json && !follow) {
                        out.println("No question waits for an answer.");
                    }
                    out.flush();
                    if (follow) {
                        follow(out, agent);
                    }
                    return ExitStatus.DONE;
                });
    }

    private void follow(PrintWriter out, IpcClient agent) throws IOException {
        Optional<JsonNode> next = agent.next();
        while (next.isPresent() && !out.checkError()) {
            if (next.get().path("method").asString("").equals(Ipc.COACH)) {
                print(out, agent, next.get().path("params"));
            }
            out.flush();
            next = agent.next();
        }
    }

    private static Map<String, String> language() {
        return Map.of("language", java.util.Locale.getDefault().getLanguage());
    }

    private void print(PrintWriter out, IpcClient agent, JsonNode question) {
        if (json) {
            out.println(question);
        } else {
            print(out, agent.value(question, Question.class));
        }
    }

    private static void print(PrintWriter out, Question q) {
        long left = Math.max(0, Duration.between(Instant.now(), q.until()).toSeconds());
        out.println(
                q.shortId()
                        + "  "
                        + Inert.text(q.app())
                        + " → "
                        + Inert.text(q.service())
                        + "  rule "
                        + q.rule()
                        + "  "
                        + (q.state() == Question.State.HELD
                                ? "held, " + left + " s left, then " + q.onTimeout().id()
                                : "refused, answer and send it again"));
        out.println("  " + Inert.text(q.card() == null ? q.message() : q.card().title()));
        for (Question.Mark mark : q.marks()) {
            out.println(
                    "  "
                            + mark.number()
                            + ". "
                            + mark.type()
                            + "  "
                            + Inert.text(mark.masked())
                            + "  as "
                            + mark.placeholder()
                            + (mark.required() ? "  (always)" : ""));
        }
        if (q.unlisted() > 0) {
            out.println("  and " + q.unlisted() + " more, all redacted");
        }
        out.println(
                "  chaperone answer "
                        + q.shortId()
                        + (q.redactable() ? " --redact | --cancel" : " --cancel")
                        + " | --send --reason TEXT");
    }
}
