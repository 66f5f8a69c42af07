// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.installer.Changes;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.MachineSetup;
import dev.chaperone.installer.Step;
import dev.chaperone.installer.SystemCommands;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent's disk, then the server's, is really full while people go on to send. Every part is a
 * process of its own; the oracle is what the stand-in received and the server's database.
 */
@Tag("slow")
@Timeout(180)
class FullDiskTest {
    private static final int PROMPTS = 10;

    private static final String POLICY =
            """
            version: 1
            name: full-disk
            defaults: {action: allow, on-timeout: redact, fail: redact, oversize: allow, unreadable: allow}
            rules:
              - id: secrets
                when: has("CREDENTIAL")
                then: {action: redact}
                fail: block
                tests:
                  - {findings: [SECRET.github-pat], expect: redact}
                  - {findings: [URL], expect: allow}
              - id: cards
                when: has("CREDIT_CARD")
                then: {action: redact}
                tests:
                  - {text: "Refund ${sample.card} please", expect: redact}
                  - {text: "Refund me please", expect: allow}
            """;

    private final Random random = new Random(4);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void agentSendsNothingInClearAndCountsWhatItCouldNotKeep() throws Exception {
        String secret = "ghp_" + SampleSecrets.text(random, "abcdefghABCDEFGH0123456789", 36);
        String card = SampleSecrets.card(random);
        Path config = folder.resolve("agent.yaml");
        Files.writeString(config, "health: 127.0.0.1:0\n");
        try (SmallDisk disk = SmallDisk.at(folder.resolve("agent"), "4m");
                WholeProduct product = new WholeProduct(folder)) {
            product.startServer();
            product.enrol();
            publish(product);
            product.startAgent("--config", config.toString());
            awaitPolicy(product);
            assertThat(product.post("before")).contains(" 200 ");
            WholeProduct.awaitTrue("the first event", () -> stored(product) == 1);
            assertThat(livez(product).statusCode()).isEqualTo(200);

            disk.fill();
            AtomicInteger sent = new AtomicInteger(1);
            for (int i = 0; i < PROMPTS; i++) {
                assertThat(product.post("question " + i + " is served")).contains(" 200 ");
                assertThat(product.post("use " + secret + " for " + i))
                        .contains("CHP-STO-001")
                        .doesNotContain(" 200 ");
                assertThat(product.post("refund " + card + " for " + i)).contains(" 200 ");
                sent.addAndGet(3);
            }
            assertThat(product.arrived())
                    .hasSize(1 + 2 * PROMPTS)
                    .noneMatch(a -> a.contains(secret) || a.contains(card))
                    .filteredOn(a -> a.contains("[CREDIT_CARD-1]"))
                    .hasSize(PROMPTS);
            assertThat(livez(product).statusCode()).isEqualTo(503);
            assertThat(livez(product).body()).contains("the event store takes nothing");
            assertThat(AgentUnderTest.doctor(product.data()))
                    .contains("\"protected\":false")
                    .contains("the disk takes nothing more");

            disk.free();
            WholeProduct.awaitTrue( // the next event tries the disk
                    "the store takes events again",
                    () -> {
                        assertThat(product.post("after " + sent.incrementAndGet()))
                                .contains(" 200 ");
                        return livez(product).statusCode() == 200;
                    });
            assertThat(product.post("use " + secret + " afterwards")).contains(" 200 ");
            sent.incrementAndGet();
            WholeProduct.awaitTrue(
                    "every prompt is an event or a loss", () -> numbered(product) == sent.get());
            long lost = lost(product);
            assertThat(lost).isGreaterThanOrEqualTo(3L * PROMPTS);
            assertThat(stored(product)).isEqualTo(sent.get() - lost).isGreaterThanOrEqualTo(2);
            System.out.printf(
                    Locale.ROOT,
                    "full disk of the agent: %d prompts, %d events, %d counted as lost%n",
                    sent.get(),
                    stored(product),
                    lost);
            assertEachOnce(product);
            assertThat(AgentUnderTest.doctor(product.data())).contains("\"dropped\"");
        }
    }

    @Test
    void agentThatIsStartedOnAFullDiskSaysSoInOneLine() throws Exception {
        try (SmallDisk disk = SmallDisk.at(folder.resolve("agent"), "4m")) {
            disk.fill();
            AgentProcess.Result result =
                    AgentProcess.run(
                            folder,
                            "run",
                            "--no-ui",
                            "--listen",
                            "127.0.0.1:0",
                            "--data-dir",
                            folder.resolve("agent").toString());
            assertThat(result.status()).as(result.err()).isEqualTo(3);
            assertThat(result.errLines()).singleElement().asString().startsWith("chaperone: ");
        }
    }

    @Test
    void serverAcknowledgesNothingThatIsNotDurableAndTakesEachEventOnce() throws Exception {
        try (SmallDisk disk = SmallDisk.at(folder.resolve("server"), "8m");
                WholeProduct product = new WholeProduct(folder)) {
            product.startServer();
            product.enrol();
            publish(product);
            product.startAgent();
            awaitPolicy(product);
            assertThat(product.post("before")).contains(" 200 ");
            WholeProduct.awaitTrue("the first event", () -> sync(product).delivered() == 1);

            disk.fill();
            for (int i = 0; i < PROMPTS; i++) {
                assertThat(product.post("question " + i)).contains(" 200 ");
            }
            WholeProduct.awaitTrue(
                    "the server's refusal", () -> sync(product).problem().contains("CHP-SRV-004"));
            assertThat(sync(product).delivered()).isEqualTo(1);
            assertThat(stored(product)).isEqualTo(1);
            HttpResponse<String> refused = token(product);
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.headers().firstValue("content-type"))
                    .contains("application/problem+json");
            assertThat(refused.headers().firstValue("retry-after")).isPresent();
            assertThat(refused.body()).contains("CHP-SRV-004");
            assertThat(product.server().alive()).isTrue();

            disk.free();
            WholeProduct.awaitTrue("everything", () -> sync(product).delivered() == 1 + PROMPTS);
            assertThat(stored(product)).isEqualTo(1 + PROMPTS);
            assertThat(lost(product)).isZero();
            assertEachOnce(product);
            assertThat(token(product).statusCode()).isEqualTo(201);
        }
    }

    /** Before the agent starts, which then asks for it at once. */
    private void publish(WholeProduct product) throws IOException {
        Path file = Files.writeString(folder.resolve("full-disk.yaml"), POLICY);
        product.admin("admin", "publish", file.toString());
    }

    private static void awaitPolicy(WholeProduct product) throws Exception {
        WholeProduct.awaitTrue(
                "the policy",
                () ->
                        SyncStatus.read(product.data())
                                .filter(s -> s.policyVersion() == 1)
                                .isPresent());
    }

    private static long stored(WholeProduct product) throws Exception {
        return product.stored("select count(*) from event");
    }

    private static long lost(WholeProduct product) throws Exception {
        return product.stored("select coalesce(sum(last - first + 1), 0) from loss");
    }

    private static long numbered(WholeProduct product) throws Exception {
        return product.stored("select seq from device");
    }

    private static void assertEachOnce(WholeProduct product) throws Exception {
        assertThat(product.stored("select count(distinct id) from event"))
                .isEqualTo(stored(product));
        assertThat(stored(product) + lost(product)).isEqualTo(numbered(product));
    }

    private static SyncStatus sync(WholeProduct product) {
        return SyncStatus.read(product.data()).orElseThrow();
    }

    /** What the agent says of itself on its health port. */
    private static HttpResponse<String> livez(WholeProduct product)
            throws IOException, InterruptedException {
        Properties status = new Properties();
        try (Reader in = Files.newBufferedReader(product.data().resolve("status"))) {
            status.load(in);
        }
        return send(
                HttpClient.newHttpClient(),
                HttpRequest.newBuilder(
                                URI.create("http://" + status.getProperty("health") + "/livez"))
                        .build());
    }

    /** Asks the server for an enrolment token, which it must store. */
    private static HttpResponse<String> token(WholeProduct product) throws Exception {
        String console = product.server().awaitLine("chaperone-server: ready on ").split(" ")[3];
        String bearer = Files.readString(product.serverData().resolve("admin.token")).strip();
        ProxyClient trusting = ProxyClient.of(0, product.serverData().resolve("ca.pem"));
        return send(
                HttpClient.newBuilder().sslContext(trusting.tls()).build(),
                HttpRequest.newBuilder(URI.create(console + "/api/v1/tokens"))
                        .header("authorization", "Bearer " + bearer)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString("{\"uses\":1,\"hours\":1}"))
                        .build());
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest request)
            throws IOException, InterruptedException {
        try (client) {
            return client.send(request, BodyHandlers.ofString());
        }
    }

    /** Settings go back although the ledger takes no line more; nor is half a line left in it. */
    @Test
    void machineIsCleanedUpThoughItsUndoLedgerTakesNothing() throws Exception {
        Path root = Files.createDirectories(folder.resolve("root"));
        List<Step> steps = IntStream.range(0, 5).<Step>mapToObj(FullDiskTest::fileStep).toList();
        try (SmallDisk disk = SmallDisk.at(folder.resolve("small"), "1m")) {
            Path ledger = folder.resolve("small/undo");
            Machine machine = new Machine(root, new SystemCommands());
            MachineSetup setup = new MachineSetup(machine, ledger, steps);
            MachineSettings settings = new MachineSettings(List.of(), "");
            assertThat(setup.install(settings)).allMatch(MachineSetup.Outcome::done);
            disk.fill();
            List<Step> more =
                    IntStream.range(0, 60).<Step>mapToObj(FullDiskTest::fileStep).toList();
            List<MachineSetup.Outcome> outcomes =
                    new MachineSetup(machine, ledger, more).install(settings);
            assertThat(outcomes).as("no room at last, which it says").anyMatch(o -> !o.done());
            try (Stream<Path> files = Files.list(root.resolve("etc"))) {
                assertThat(files.count())
                        .isEqualTo(outcomes.stream().filter(MachineSetup.Outcome::done).count());
            }
            assertThat(setup.uninstall()).isEmpty();
            assertThat(root).isEmptyDirectory();
            assertThat(ledger).doesNotExist();
        }
    }

    private static Step fileStep(int number) {
        return new Step() {
            @Override
            public String name() {
                return "step-" + number;
            }

            @Override
            public String apply(Machine machine, MachineSettings settings, Changes changes)
                    throws IOException {
                changes.write("/etc/" + number, new byte[3000]);
                return "written";
            }
        };
    }
}
