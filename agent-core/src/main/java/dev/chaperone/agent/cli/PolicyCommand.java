// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.policies.Assessor;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyEngine;
import dev.chaperone.policies.PolicyFormatException;
import dev.chaperone.policies.PolicyTests;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code policy check FILE} and {@code policy test [FILE]}: policy as code. */
@Command(
        name = "policy",
        description = "Checks and tests policies.",
        mixinStandardHelpOptions = true)
public final class PolicyCommand implements Runnable {
    private static final int MAX_BYTES = 1 << 20;

    private final Supplier<Optional<Assessor>> detection;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before any command runs
    private CommandSpec spec;

    /** Without detection: test cases that hold a text are skipped. */
    public PolicyCommand() {
        this(Optional::empty);
    }

    /**
     * Judges the texts of test cases with a detection.
     *
     * @param detection asked once, when the first policy is tested
     */
    public PolicyCommand(Supplier<Optional<Assessor>> detection) {
        this.detection = detection;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: check or test");
    }

    @Command(
            name = "check",
            description = "Says whether a policy can be used: 0, or 2 with file, line and remedy.",
            mixinStandardHelpOptions = true)
    int check(@Parameters(paramLabel = "FILE", description = "A policy document.") Path file) {
        try {
            PolicyEngine engine = load(file);
            Optional<PolicyTests.CaseResult> failure = test(engine).firstFailure();
            if (failure.isPresent()) {
                PolicyTests.CaseResult red = failure.get();
                return refuse(
                        "%s:%d: test of rule '%s': %s"
                                .formatted(file, red.line(), red.rule(), red.detail()));
            }
            out().printf(
                            "%s: ok, %s, %d rules%n",
                            file, engine.version(), engine.document().rules().size());
            out().flush();
            return ExitStatus.DONE;
        } catch (PolicyFormatException e) {
            return refuse(e.getMessage());
        } catch (IOException e) {
            return refuse(unreadable(file, e));
        }
    }

    @Command(
            name = "test",
            description =
                    "Runs the tests of a policy's rules: 0, or 1 when one is red or none ran.",
            mixinStandardHelpOptions = true)
    int test(
            @Parameters(
                            paramLabel = "FILE",
                            arity = "0..1",
                            description = "A policy document; the baseline when left out.")
                    @Nullable Path file) {
        try {
            PolicyEngine engine = file == null ? PolicyEngine.baseline() : load(file);
            PolicyTests.Report report = test(engine);
            print(engine.document().source(), report);
            return report.green() ? ExitStatus.DONE : ExitStatus.NO;
        } catch (PolicyFormatException e) {
            return refuse(e.getMessage());
        } catch (IOException e) {
            return refuse(unreadable(java.util.Objects.requireNonNull(file), e));
        }
    }

    private PolicyTests.Report test(PolicyEngine engine) {
        return detection
                .get()
                .map(assessor -> PolicyTests.run(engine, assessor))
                .orElseGet(() -> PolicyTests.runWithoutDetection(engine));
    }

    private void print(String source, PolicyTests.Report report) {
        for (PolicyTests.CaseResult result : report.cases()) {
            String mark =
                    switch (result.result()) {
                        case PASSED -> "ok  ";
                        case FAILED -> "RED ";
                        case SKIPPED -> "skip";
                    };
            out().printf(
                            "%s %s:%d %s: %s%n",
                            mark, source, result.line(), result.rule(), result.detail());
        }
        long skipped = report.count(PolicyTests.Result.SKIPPED);
        out().printf(
                        "%d passed, %d failed%s%n",
                        report.count(PolicyTests.Result.PASSED),
                        report.count(PolicyTests.Result.FAILED),
                        skipped == 0 ? "" : ", " + skipped + " skipped: no detection");
        out().flush();
    }

    private static PolicyEngine load(Path file) throws IOException {
        if (Files.isRegularFile(file) && Files.size(file) > MAX_BYTES) {
            throw new PolicyFormatException(
                    file.toString(), 1, "larger than " + MAX_BYTES + " bytes: split or shorten it");
        }
        return PolicyEngine.compile(
                PolicyDocument.parse(Files.readAllBytes(file), file.toString()));
    }

    private static String unreadable(Path file, IOException e) {
        String reason =
                switch (e) {
                    case NoSuchFileException _ -> "no such file";
                    case java.nio.file.AccessDeniedException _ -> "not allowed to read it";
                    default -> Files.isDirectory(file) ? "a folder, not a file" : "cannot be read";
                };
        return file + ": " + reason;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private int refuse(@Nullable String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
        return ExitStatus.USAGE;
    }
}
