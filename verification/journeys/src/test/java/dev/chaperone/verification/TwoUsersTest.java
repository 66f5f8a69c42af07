// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One agent as the machine's service, two users with a user interface each, all of them processes
 * of their own uid. Runs as root only: nobody else may take another user's identity.
 */
@Tag("slow")
@Timeout(300)
class TwoUsersTest {
    private static final int ANN = 61001;
    private static final int BOB = 61002;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path folder;

    private List<Path> readable = List.of();

    @BeforeEach
    void folders() throws Exception {
        assertThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                .as("this proof takes two users' identities: run it as root")
                .isEqualTo(0);
        folder = Files.createTempDirectory("two-users");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        readable = copies();
    }

    /** The class path where every user can read it. */
    private List<Path> copies() throws IOException {
        Path jars = Files.createDirectories(folder.resolve("jars"));
        List<Path> all = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path from = Path.of(entry);
            Path to = jars.resolve(all.size() + "-" + from.getFileName());
            if (Files.isDirectory(from)) {
                copyTree(from, to);
            } else if (Files.exists(from)) {
                Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
            }
            all.add(to);
        }
        return all;
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static List<String> as(int uid) {
        return List.of(
                "setpriv",
                "--reuid=" + uid,
                "--regid=" + uid,
                "--clear-groups",
                "--inh-caps=-all",
                "env",
                "PATH=/usr/bin:/bin"); // root's own tools are closed to others
    }

    private Path home(int uid) throws IOException {
        Path home = Files.createDirectories(folder.resolve("home-" + uid));
        Files.setAttribute(home, "unix:uid", uid);
        return home;
    }

    /** A message sent by a user's own program; its output. */
    private Process curl(int uid, int port, String text) throws IOException {
        List<String> command = new ArrayList<>(as(uid));
        command.addAll(
                List.of(
                        "curl",
                        "-sS",
                        "--max-time",
                        "20",
                        "--proxy",
                        "http://127.0.0.1:" + port,
                        "--cacert",
                        folder.resolve("public-ca.pem").toString(),
                        "-H",
                        "content-type: application/json",
                        "-d",
                        new String(CoachedAgent.body(text), StandardCharsets.UTF_8),
                        "https://" + WholeProduct.HOST + WholeProduct.CHAT));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    void eachUserIsAskedOnlyAboutTheirOwnMessages() throws Exception {
        Path policy =
                Files.writeString(
                        folder.resolve("p.yaml"),
                        """
                        version: 1
                        name: two
                        defaults: {action: allow, on-timeout: block, fail: block, oversize: allow, unreadable: allow}
                        rules:
                          - id: ask
                            when: has("CREDIT_CARD")
                            then: {action: coach, coaching: card-found, within: 15s}
                            tests:
                              - {text: "Refund ${sample.card} please", expect: coach}
                              - {text: "Refund me please", expect: allow}
                        """);
        Path socket = folder.resolve("agent.sock");
        Path config =
                Files.writeString(
                        folder.resolve("c.yaml"),
                        "policy: %s\nsocket: %s\nsocket-for: every-user\n"
                                .formatted(policy, socket));
        try (WholeProduct product = new WholeProduct(folder)) {
            product.startAgent("--config", config.toString());
            Files.copy(product.data().resolve("ca.pem"), folder.resolve("public-ca.pem"));
            try (AgentProcess ann = ui(ANN, socket);
                    AgentProcess bob = ui(BOB, socket)) {
                Process hers =
                        curl(
                                ANN,
                                product.agent().readyPort(),
                                "Refund " + SampleSecrets.card(new Random(1)));
                String card = ann.awaitLine("chaperone-ui: card ");
                assertThat(hers.waitFor(20, TimeUnit.SECONDS)).isTrue();
                Process his =
                        curl(
                                BOB,
                                product.agent().readyPort(),
                                "Refund " + SampleSecrets.card(new Random(2)));
                String other = bob.awaitLine("chaperone-ui: card ");
                assertThat(his.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(Files.readString(ann.outFile()).lines().filter(l -> l.contains("card ")))
                        .as("Ann saw hers only")
                        .containsExactly(card);
                assertThat(Files.readString(bob.outFile()).lines().filter(l -> l.contains("card ")))
                        .as("Bob saw his only")
                        .containsExactly(other);
                assertThat(product.arrived())
                        .hasSize(2)
                        .allMatch(a -> a.contains("[CREDIT_CARD-1]"));
            }
            strangerCannotAnswer(product, socket);
        }
    }

    private AgentProcess ui(int uid, Path socket) throws Exception {
        List<String> prefix = new ArrayList<>(as(uid));
        prefix.addAll(List.of("HOME=" + home(uid), "XDG_RUNTIME_DIR=" + home(uid)));
        return WholeProduct.ui(folder, prefix, readable, socket, "redact");
    }

    /** Bob can neither see nor answer a question of Ann's. */
    private void strangerCannotAnswer(WholeProduct product, Path socket) throws Exception {
        Process hers =
                curl(
                        ANN,
                        product.agent().readyPort(),
                        "Refund " + SampleSecrets.card(new Random(3)));
        assertThat(hers.waitFor(20, TimeUnit.SECONDS)).isTrue(); // no interface: refused at once
        String script =
                """
                import json, socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                f = s.makefile("rw")
                def call(method, params):
                    f.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\\n")
                    f.flush()
                    return json.loads(f.readline())
                print(json.dumps(call(sys.argv[2], json.loads(sys.argv[3]))))
                """;
        Path file = Files.writeString(folder.resolve("rpc.py"), script);
        String annSees = rpc(file, ANN, socket, "pending", "{}");
        assertThat(annSees).contains("\"rule\": \"ask\"");
        String id = annSees.replaceAll("(?s).*?\"id\": \"([0-9a-f-]{36})\".*", "$1");
        assertThat(rpc(file, BOB, socket, "pending", "{}")).contains("\"result\": []");
        String answer =
                "{\"id\":\"%s\",\"choice\":{\"do\":\"redact\"},\"via\":\"UI\"}".formatted(id);
        assertThat(rpc(file, BOB, socket, "answer", answer)).contains("-32002");
        assertThat(rpc(file, ANN, socket, "answer", answer)).contains("\"held\": false");
    }

    private static String rpc(Path script, int uid, Path socket, String method, String params)
            throws Exception {
        List<String> command = new ArrayList<>(as(uid));
        command.addAll(List.of("python3", script.toString(), socket.toString(), method, params));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    /** A foreground agent belongs to its user: whoever gets to its socket is turned away. */
    @Test
    void processOfAnotherUserIsTurnedAway() throws Exception {
        try (WholeProduct product = new WholeProduct(folder)) {
            product.startAgent();
            Path socket = product.data().resolve("agent.sock");
            Files.setPosixFilePermissions(
                    product.data(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Path script =
                    Files.writeString(
                            folder.resolve("knock.py"),
                            "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\nprint(s.recv(4096).decode())\n");
            List<String> knock = new ArrayList<>(as(BOB));
            knock.addAll(List.of("python3", script.toString(), socket.toString()));
            assertThat(said(knock)).as("the file is closed to others").contains("PermissionError");
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(said(knock)).contains("this agent belongs to another user");
        }
    }

    private static String said(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
