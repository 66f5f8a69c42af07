// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.demo.Demo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chaperone demo}: real prompts through the real proxy, held against what arrived. */
@Command(
        name = "demo",
        description =
                "Sends real prompts through the real proxy to a stand-in and shows what was decided and why.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Policy file instead of the shipped baseline.")
    private @Nullable Path policy;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the made-up secrets.",
            defaultValue = "20261125")
    private long seed = 20261125;

    @Option(names = "--keep", description = "Keep the scratch folder and name it.")
    private boolean keep;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path scratch = null;
        if (!hasJava()) {
            err.println(
                    "chaperone: 'demo' is not in the agent's package, which starts no other Java program; in a"
                            + " checkout of the source: ./chaperone demo");
            return ExitStatus.ENVIRONMENT;
        }
        try {
            scratch = Files.createTempDirectory("chaperone-demo");
            boolean held =
                    new Demo(out, CommandLine.Help.Ansi.AUTO.enabled(), absolute(), seed)
                            .run(scratch);
            return held ? ExitStatus.DONE : ExitStatus.NO;
        } catch (IOException e) {
            err.println("chaperone: the demonstration could not run: " + e.getMessage());
            tell(err, scratch);
            return ExitStatus.ENVIRONMENT;
        } finally {
            if (keep) {
                out.println("kept: " + scratch);
            } else if (scratch != null) {
                remove(scratch);
            }
        }
    }

    /** A package's runtime may come without its launcher. */
    private static boolean hasJava() {
        Path folder = Path.of(System.getProperty("java.home"), "bin");
        return Files.exists(folder.resolve("java")) || Files.exists(folder.resolve("java.exe"));
    }

    private @Nullable Path absolute() {
        return policy == null ? null : policy.toAbsolutePath();
    }

    /**
     * The first line of what the processes said on standard error: the reason, where there is one.
     */
    private static void tell(PrintWriter err, @Nullable Path scratch) {
        if (scratch == null) {
            return;
        }
        for (String name : List.of("agent.err", "stand-in.err", "client.err")) {
            try (Stream<String> lines = Files.lines(scratch.resolve(name))) {
                lines.filter(l -> !l.isBlank()).findFirst().ifPresent(l -> err.println("  " + l));
            } catch (IOException e) {
                // It was not started.
            }
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // A scratch folder in the temporary directory; the system clears it.
        }
    }
}
