// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.Agent;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.machine.ServiceManager;
import dev.chaperone.agent.machine.Watchdog;
import dev.chaperone.agent.os.Signals;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code chaperone run}: the agent in the foreground. */
@Command(
        name = "run",
        description =
                "Runs the agent in the foreground until it is told to stop (Ctrl-C, SIGTERM).",
        mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    @Mixin private AgentArguments arguments = new AgentArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Agent agent;
        try {
            agent = Agent.start(arguments.toOptions());
        } catch (StartException e) {
            spec.commandLine().getErr().println("chaperone: " + e.getMessage());
            return e.exitStatus();
        }
        Optional<DesktopProcess> desktop =
                arguments.noUi()
                        ? Optional.empty()
                        : agent.socket().flatMap(s -> DesktopProcess.start(s, System.getenv()));
        Optional<ServiceManager> manager = ServiceManager.of(System.getenv());
        Optional<Watchdog> watchdog =
                manager.flatMap(m ->
                        m.watchdog()
                                .map(limit ->
                                        Watchdog.start(
                                                m,
                                                agent.address(),
                                                limit,
                                                () ->
                                                        agent.record(
                                                                "watchdog",
                                                                "the proxy does not answer; the service"
                                                                        + " manager restarts it"))));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    manager.ifPresent(ServiceManager::stopping);
                                    watchdog.ifPresent(Watchdog::close);
                                    desktop.ifPresent(DesktopProcess::close);
                                    agent.stoppedBy("by a signal");
                                    agent.close();
                                    stopped.countDown();
                                    // The status of a JVM that a signal ends is 128 + its number; a
                                    // clean stop is 0.
                                    Runtime.getRuntime().halt(ExitStatus.DONE);
                                },
                                "stop"));
        Signals.onHangUp(() -> reload(agent));
        out.println(
                "chaperone: ready on " + HostPort.of(agent.address()) + " ca=" + agent.caFile());
        out.flush();
        manager.ifPresent(m -> m.ready("ready on " + HostPort.of(agent.address())));
        stopped.await();
        return ExitStatus.DONE;
    }

    /** The ready line stays the only one on standard output. */
    private void reload(Agent agent) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            agent.reload(arguments.toOptions().config());
            err.println("chaperone: reloaded; policy in force: " + agent.policy());
        } catch (StartException e) {
            agent.record("reload", "refused, nothing changed");
            err.println("chaperone: not reloaded, nothing changed: " + e.getMessage());
        }
        err.flush();
    }
}
