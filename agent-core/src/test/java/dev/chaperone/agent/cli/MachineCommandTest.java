// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.installer.Commands;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSetup;
import dev.chaperone.installer.UserAccount;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The removal of what users' own calls left. The real programs run in installer/linux/proof. */
class MachineCommandTest {
    private static final String PROGRAM = "/opt/chaperone/bin/chaperone";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final List<String> ran = new ArrayList<>();
    private final StringWriter said = new StringWriter();

    /** Whose {@code trust --undo} fails. */
    private String stubborn = "nobody";

    private final class Programs implements Commands {
        @Override
        public Ended run(List<String> command) {
            return new Ended(NOT_FOUND, command.getFirst() + " is not installed");
        }

        @Override
        public Ended runAs(UserAccount user, List<String> command) {
            ran.add(user.name() + ": " + String.join(" ", command));
            return user.name().equals(stubborn) && command.contains("--undo")
                    ? new Ended(1, "chaperone: /home/ann/.gitconfig cannot be written\n")
                    : new Ended(0, "");
        }

        @Override
        public boolean installed(String program) {
            return false;
        }
    }

    @BeforeEach
    void users() throws Exception {
        Files.createDirectories(folder.resolve("etc"));
        Files.writeString(
                folder.resolve("etc/passwd"),
                """
                ann:x:1001:1001::/home/ann:/bin/sh
                bob:x:1002:1002::/home/bob:/bin/sh
                eve:x:1003:1003::/home/eve:/bin/sh
                """);
        Files.createDirectories(folder.resolve("home/ann/.local/state/chaperone/trust"));
        Files.createDirectories(folder.resolve("home/bob/.local/state/chaperone/trust"));
        Files.createDirectories(folder.resolve("home/eve"));
    }

    private int uninstall() throws Exception {
        MachineCommand command = new MachineCommand();
        CommandLine ignored = new CommandLine(command).setErr(new PrintWriter(said, true));
        Machine machine = new Machine(folder, new Programs());
        return command.takeBack(
                machine, new MachineSetup(machine, folder.resolve("ledger"), List.of()), PROGRAM);
    }

    @Test
    void everyUserThatHasSomethingIsServed() throws Exception {
        assertThat(uninstall()).isEqualTo(ExitStatus.DONE);
        assertThat(ran)
                .containsExactly(
                        "ann: " + PROGRAM + " trust --undo",
                        "ann: rm -rf -- /home/ann/.local/state/chaperone",
                        "bob: " + PROGRAM + " trust --undo",
                        "bob: rm -rf -- /home/bob/.local/state/chaperone");
        assertThat(said.toString()).isEmpty();
    }

    @Test
    void userWhoCannotBeServedIsNamedAndTheStatusIsOne() throws Exception {
        stubborn = "ann";
        assertThat(uninstall()).isEqualTo(ExitStatus.NO);
        assertThat(said.toString().lines())
                .singleElement()
                .asString()
                .startsWith(
                        "chaperone: developer tools of ann: NOT DONE: chaperone: /home/ann/.gitconfig"
                                + " cannot be written")
                .contains("as that user: chaperone trust --undo");
        assertThat(ran)
                .as("what the undo needs stays, and nobody else waits")
                .containsExactly(
                        "ann: " + PROGRAM + " trust --undo",
                        "bob: " + PROGRAM + " trust --undo",
                        "bob: rm -rf -- /home/bob/.local/state/chaperone");
    }

    @Test
    void otherSystemsAreSentToTheirPackage() {
        String before = System.setProperty("os.name", "Mac OS X");
        try {
            CommandLine line =
                    new CommandLine(new MachineCommand()).setErr(new PrintWriter(said, true));
            // The one that changes nothing: were it let through, it would see the real machine.
            assertThat(line.execute("status")).isEqualTo(ExitStatus.ENVIRONMENT);
            assertThat(said.toString().lines())
                    .singleElement()
                    .asString()
                    .startsWith("chaperone: machine: not on this system: the MSI or PKG");
        } finally {
            System.setProperty("os.name", before);
        }
    }
}
