// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.AgentMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code exec} and {@code env} as the command and the shell see them: theirs, and ours over it. */
class ExecTest {
    private static final String OWN = "# my company's\n";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path folder;

    @SuppressWarnings("NullAway.Init") // started before all
    private static AgentProcess agent;

    private static Path data() {
        return folder.resolve("data");
    }

    @BeforeAll
    static void start() throws Exception {
        agent =
                AgentProcess.start(
                        folder,
                        List.of(),
                        List.of(),
                        "run",
                        "--no-ui",
                        "--listen=127.0.0.1:0",
                        "--data-dir=" + data());
        var _ = agent.readyPort();
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(agent.stop()).isZero();
    }

    private static AgentProcess started(List<String> prefix, String... arguments)
            throws IOException {
        return AgentProcess.start(
                folder, AgentMain.class.getName(), prefix, List.of(), List.of(), arguments);
    }

    private static AgentProcess exec(List<String> prefix, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("exec", "--data-dir=" + data(), "--"));
        all.addAll(List.of(command));
        return started(prefix, all.toArray(String[]::new));
    }

    private static Map<String, String> variables(String printed) {
        return printed.lines()
                .filter(l -> l.matches("[A-Za-z_]+=.*"))
                .collect(
                        Collectors.toMap(
                                l -> l.substring(0, l.indexOf('=')),
                                l -> l.substring(l.indexOf('=') + 1),
                                (a, _) -> a));
    }

    @Test
    void statusOfTheCommandIsTheStatus() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "");
        assertThat(exec(List.of(), "sh", "-c", "exit 7").await().status()).isEqualTo(7);
        assertThat(exec(List.of(), "sh", "-c", "kill -9 $$").await().status()).isEqualTo(137);
        assertThat(exec(List.of(), plain.toString()).await().status()).isEqualTo(126);
        AgentProcess.Result missing = exec(List.of(), "no-such-command").await();
        assertThat(missing.status()).isEqualTo(127);
        assertThat(missing.errLines()).singleElement().asString().contains("on the PATH");
    }

    @Test
    void signalIsTheCommandsAndItsEndIsWaitedFor() throws Exception {
        String script = "trap 'echo heard; exit 9' TERM; echo waiting; while :; do sleep 0.1; done";
        try (AgentProcess process = exec(List.of(), "sh", "-c", script)) {
            var _ = process.awaitLine("waiting");
            assertThat(process.stop()).isEqualTo(9);
            assertThat(Files.readString(process.outFile())).contains("heard");
        }
    }

    @Test
    void standardInputIsTheCommands() throws Exception {
        List<String> piped = List.of("sh", "-c", "printf 'two words' | \"$@\"", "sh");
        assertThat(exec(piped, "cat").await().out()).isEqualTo("two words");
    }

    @Test
    void whatThePersonHadIsMergedOnceHoweverDeep() throws Exception {
        Path own = Files.writeString(folder.resolve("own.pem"), OWN);
        List<String> prefix =
                List.of(
                        "env",
                        "NODE_EXTRA_CA_CERTS=" + own,
                        "SSL_CERT_FILE=" + own,
                        "NO_PROXY=intranet.example",
                        "JAVA_TOOL_OPTIONS=-Dmine=1");
        Map<String, String> once = variables(exec(prefix, "env").await().out());
        for (String name : List.of("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")) {
            assertThat(Path.of(once.getOrDefault(name, "")))
                    .content()
                    .isEqualTo(OWN + "# Chaperone\n" + Files.readString(data().resolve("ca.pem")));
        }
        assertThat(Path.of(once.getOrDefault("CURL_CA_BUNDLE", "")))
                .content()
                .hasSizeGreaterThan(50_000) // the system's
                .endsWith(Files.readString(data().resolve("ca.pem")));
        assertThat(once.get("NO_PROXY")).isEqualTo("intranet.example,localhost,127.0.0.1,::1");
        assertThat(once.get("JAVA_TOOL_OPTIONS")).startsWith("-Dmine=1 -Djavax.net.ssl.trustStore");
        assertThat(once.get("CHAPERONE_SET")).doesNotContain("PIP_CERT", "cafile");

        List<String> twice = new ArrayList<>(prefix);
        twice.addAll(javaCommand());
        twice.addAll(List.of("exec", "--data-dir=" + data(), "--"));
        Map<String, String> nested = variables(exec(twice, "env").await().out());
        once.keySet().removeAll(List.of("_", "SHLVL"));
        assertThat(nested).containsAllEntriesOf(once);
    }

    /** What starts {@code chaperone} here; the arguments follow. */
    private static List<String> javaCommand() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                AgentMain.class.getName());
    }

    @Test
    void shellIsTheSameAfterUnsetWhateverItHeld() throws Exception {
        String script =
                """
                now() { env -0 | grep -zv '^_=' | sort -z | tr '\\0' '\\n'; }
                a=$(now)
                eval "$("$@")"
                [ -n "$CHAPERONE_SET" ] && echo set
                [ "$a" != "$(now)" ] && echo other
                eval "$("$@" --unset 2>/dev/null)"
                [ "$a" = "$(now)" ] && echo same
                """;
        List<String> prefix =
                List.of(
                        "env",
                        "-u",
                        "JAVA_TOOL_OPTIONS",
                        "NO_PROXY=it's \"$(touch " + folder.resolve("hit") + ")\" `id`",
                        "SSL_CERT_FILE=/no such/file.pem",
                        "bash",
                        "-c",
                        script,
                        "bash");
        AgentProcess.Result result = started(prefix, "env", "--data-dir=" + data()).await();
        assertThat(result.out().lines()).containsExactly("set", "other", "same");
        assertThat(folder.resolve("hit")).doesNotExist();
    }

    @Test
    void nothingIsExportedWhenNoAgentRuns() throws Exception {
        AgentProcess.Result result =
                started(List.of(), "env", "--data-dir=" + folder.resolve("nobody")).await();
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.out()).isEmpty();
        assertThat(result.errLines()).singleElement().asString().contains("no agent runs");
    }

    @Test
    void trustNeedsAnAgentAndUndoDoesNot() throws Exception {
        List<String> home = List.of("env", "-u", "XDG_STATE_HOME", "HOME=" + folder);
        String nobody = "--data-dir=" + folder.resolve("nobody");
        AgentProcess.Result asked = started(home, "trust", nobody).await();
        assertThat(asked.status()).isEqualTo(3);
        assertThat(asked.errLines()).singleElement().asString().contains("chaperone run");
        AgentProcess.Result undone = started(home, "trust", "--undo", nobody).await();
        assertThat(undone.status()).isZero();
        assertThat(undone.out()).contains("nothing to take back");
        assertThat(started(home, "trust", "--undo", "--repair").await().status()).isEqualTo(2);
    }
}
