// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.finding.Assessment;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PolicyCommandTest {
    private static final String GOOD =
            """
            version: 1
            name: good
            rules:
              - id: secrets
                when: has("SECRET")
                then: {action: redact}
                tests:
                  - {findings: [SECRET.github-pat], expect: redact}
                  - {findings: [URL], expect: allow}
                  - {text: hello, expect: allow}
            """;

    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(PolicyCommand command, String... args) {
        return new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("p.yaml"), yaml).toString();
    }

    private static PolicyCommand blind() {
        return new PolicyCommand(() -> Optional.of(_ -> Assessment.NOTHING));
    }

    @Test
    void aGoodPolicyIsOkAndSilentOnErr() throws IOException {
        assertThat(run(blind(), "check", file(GOOD))).isZero();
        assertThat(out.toString()).contains(": ok, good@").contains("1 rules");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aMistakeIsOneLineOnErrAndStatusTwo() throws IOException {
        String file = file(GOOD.replace("when:", "whenn:"));
        assertThat(run(blind(), "check", file)).isEqualTo(ExitStatus.USAGE);
        assertThat(err.toString().strip())
                .isEqualTo(file + ":5: unknown key 'whenn', did you mean 'when'?");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aRedTestFailsTheCheckToo() throws IOException {
        String file = file(GOOD.replace("hello, expect: allow", "hello, expect: block"));
        assertThat(run(blind(), "check", file)).isEqualTo(ExitStatus.USAGE);
        assertThat(err.toString().strip())
                .isEqualTo(
                        file
                                + ":10: test of rule 'secrets': expected block, got allow by"
                                + " 'default:allow'");
    }

    @Test
    void testPrintsEveryCaseAndTheSum() throws IOException {
        assertThat(run(blind(), "test", file(GOOD))).isZero();
        assertThat(out.toString().lines()).hasSize(4).last().isEqualTo("3 passed, 0 failed");
    }

    @Test
    void aRedCaseEndsWithOne() throws IOException {
        String file = file(GOOD.replace("hello, expect: allow", "hello, expect: block"));
        assertThat(run(blind(), "test", file)).isEqualTo(ExitStatus.NO);
        assertThat(out.toString()).contains("RED ").endsWith("2 passed, 1 failed\n");
    }

    @Test
    void noCaseRunIsNotGreen() throws IOException {
        String onlyText = GOOD.replaceAll("      - \\{findings.*\n", "").replace("[URL]", "");
        assertThat(run(new PolicyCommand(), "test", file(onlyText))).isEqualTo(ExitStatus.NO);
        assertThat(out.toString()).contains("0 passed, 0 failed, 1 skipped: no detection");
    }

    @Test
    void theBaselineIsTestedWhenNoFileIsNamed() {
        run(new PolicyCommand(), "test");
        assertThat(out.toString()).contains("baseline.yaml:").contains(" passed, 0 failed");
    }

    @Test
    void whatCannotBeReadIsOneLineAndStatusTwo() {
        assertThat(run(blind(), "check", folder.resolve("none.yaml").toString()))
                .isEqualTo(ExitStatus.USAGE);
        assertThat(run(blind(), "test", folder.toString())).isEqualTo(ExitStatus.USAGE);
        assertThat(err.toString().lines())
                .containsExactly(
                        folder.resolve("none.yaml") + ": no such file",
                        folder + ": a folder, not a file");
    }

    @Test
    void anUnknownSubcommandIsWrongUse() {
        assertThat(run(blind())).isEqualTo(ExitStatus.USAGE);
        assertThat(run(blind(), "chekc")).isEqualTo(ExitStatus.USAGE);
    }
}
