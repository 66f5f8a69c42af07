// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code undo.sh} walks a ledger that the Java code wrote, and leaves what that would leave. */
final class UndoScriptTest {
    private static final MachineSettings SETTINGS =
            new MachineSettings(List.of(), "http://127.0.0.1:8421/proxy.pac");

    @TempDir Path root;
    private Path ledger = Path.of("");
    private Path etc = Path.of("");

    @BeforeEach
    void machine() throws IOException {
        ledger = root.resolve("ledger");
        etc = Files.createDirectory(root.resolve("etc"));
    }

    private interface Apply {
        void to(Changes changes) throws StepException, IOException;
    }

    private record TestStep(Apply body) implements Step {
        @Override
        public String name() {
            return "step";
        }

        @Override
        public String apply(Machine machine, MachineSettings settings, Changes changes)
                throws StepException, IOException {
            body.to(changes);
            return "";
        }
    }

    /** The script knows no other root than this machine's. */
    private void install(Apply body) throws IOException {
        assertThat(
                        new MachineSetup(
                                        new Machine(Path.of("/"), new FakeCommands()),
                                        ledger,
                                        List.of(new TestStep(body)))
                                .install(SETTINGS))
                .allMatch(MachineSetup.Outcome::done);
    }

    private String path(String name) {
        return etc.resolve(name).toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (var paths = Files.walk(etc)) {
            for (Path file : paths.filter(Files::isRegularFile).toList()) {
                all.put(etc.relativize(file).toString(), Files.readString(file));
            }
        }
        return all;
    }

    /** What it said. */
    private String undo() throws Exception {
        Process shell =
                new ProcessBuilder(
                                "sh",
                                "-euc",
                                ". ./linux/files/undo.sh; chaperone_undo \"$1\"",
                                "sh",
                                ledger.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).as(said).isZero();
        assertThat(ledger).doesNotExist();
        return said;
    }

    private JsonKeys json(String name) {
        return new JsonKeys(
                path(name), Map.of("/ours", JsonNodeFactory.instance.booleanNode(true)));
    }

    private void everything(Changes changes) throws StepException, IOException {
        changes.write(path("deep/er/ours.txt"), bytes("ours"));
        changes.write(path("replaced.txt"), bytes("ours"));
        changes.merge(path("new/shared.json"), json("new/shared.json"));
        changes.merge(path("there.json"), json("there.json"));
        changes.merge(path("profile"), new LineKeys("system-db:ours", "system-db:", "user\n"));
    }

    @Test
    void leavesWhatWasThereBefore() throws Exception {
        Files.writeString(etc.resolve("replaced.txt"), "theirs");
        Files.writeString(etc.resolve("there.json"), "{ \"theirs\":1}");
        Map<String, String> before = files();
        install(this::everything);
        install(this::everything);
        assertThat(files()).hasSize(5).isNotEqualTo(before);
        assertThat(undo()).isEmpty();
        assertThat(files()).isEqualTo(before);
        assertThat(etc.resolve("deep")).doesNotExist();
        assertThat(etc.resolve("new")).doesNotExist();
    }

    @Test
    void leavesWhatSomebodyElseWroteSince() throws Exception {
        Files.writeString(etc.resolve("there.json"), "{}");
        install(this::everything);
        Files.writeString(etc.resolve("new/shared.json"), "{\"theirs\":1}");
        Files.writeString(etc.resolve("there.json"), "{\"theirs\":2}");
        Files.writeString(etc.resolve("profile"), "user\nsystem-db:ours\nsystem-db:theirs\n");
        assertThat(undo())
                .contains(etc.resolve("there.json") + " was changed by somebody else")
                .contains("/ours");
        assertThat(files())
                .containsOnly(
                        Map.entry("new/shared.json", "{\"theirs\":1}"),
                        Map.entry("there.json", "{\"theirs\":2}"),
                        Map.entry("profile", "user\nsystem-db:theirs\n"));
    }

    @Test
    void takesNothingBackASecondTime() throws Exception {
        install(c -> c.write(path("ours.txt"), bytes("ours")));
        install(c -> c.folder(path("other")));
        // Struck off by now, and somebody else's since.
        Files.writeString(etc.resolve("ours.txt"), "theirs");
        assertThat(undo()).isEmpty();
        assertThat(files()).containsOnly(Map.entry("ours.txt", "theirs"));
        assertThat(etc.resolve("other")).doesNotExist();
    }

    @Test
    void versionsOfAFileGoTogether() throws Exception {
        Files.writeString(etc.resolve("ours.txt"), "theirs");
        Files.setLastModifiedTime(etc.resolve("ours.txt"), FileTime.fromMillis(86_400_000));
        for (String version : List.of("one", "two", "three")) {
            install(c -> c.write(path("ours.txt"), bytes(version)));
        }
        assertThat(undo()).isEmpty();
        assertThat(files()).containsOnly(Map.entry("ours.txt", "theirs"));
    }

    @Test
    void lineThatWasCutOffNeverTookEffect() throws Exception {
        install(c -> c.write(path("ours.txt"), bytes("ours")));
        Path file = ledger.resolve("ledger.jsonl");
        Files.writeString(etc.resolve("theirs.txt"), "theirs");
        String whole = Files.readString(file);
        Files.writeString(
                file,
                whole
                        + whole.replace("ours.txt", "theirs.txt")
                                .strip()
                                .replaceAll("\\}[^}]*\\}$", ""));
        assertThat(undo()).isEmpty();
        assertThat(files()).containsOnly(Map.entry("theirs.txt", "theirs"));
    }
}
