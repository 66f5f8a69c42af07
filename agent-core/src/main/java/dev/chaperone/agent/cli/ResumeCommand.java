// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.model.ipc.Ipc;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code chaperone resume}: ends this user's pause. Open to everybody: it only makes safer. */
@Command(
        name = "resume",
        description = "Ends your pause; what passed under it is closed.",
        mixinStandardHelpOptions = true)
public final class ResumeCommand implements Callable<Integer> {
    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        return AgentLink.ask(
                dataDir.resolve(),
                spec.commandLine().getErr(),
                agent -> {
                    boolean paused = agent.call(Ipc.RESUME, Map.of()).asBoolean(false);
                    spec.commandLine()
                            .getOut()
                            .println(paused ? "Inspection goes on." : "Nothing was paused.");
                    return ExitStatus.DONE;
                });
    }
}
