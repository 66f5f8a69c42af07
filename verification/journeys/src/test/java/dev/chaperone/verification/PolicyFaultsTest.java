// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.sync.BundleKeeper.State;
import dev.chaperone.model.sync.PolicyBundle;
import dev.chaperone.policies.bundle.BundleKeys;
import dev.chaperone.policies.bundle.BundleSigner;
import dev.chaperone.server.Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy that was tampered with, forked or expired on its way: what is in force shows in what
 * becomes of a prompt, and {@code doctor} says that something is wrong. (Rolled back: {@link
 * ServerJourneyTest}.)
 */
@Timeout(60)
class PolicyFaultsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SECRET =
            "ghp_" + SampleSecrets.text(new Random(11), "abcdefghijkABCDEFGHIJK0123456789", 36);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private ServerUnderTest company;

    @BeforeEach
    void company() throws IOException {
        company = new ServerUnderTest(folder);
    }

    @Test
    void policyWhoseBytesOrSignatureWereChangedIsRefusedUntilAGoodOneComes() throws Exception {
        try (Server server = company.start()) {
            company.publish("first", "block");
            company.enrol(server.token().orElseThrow());
            try (AgentUnderTest _ = company.agent()) {
                awaitPolicy(1, State.FRESH);
            }
            String good = company.envelope();
            // What an attacker wants: the secret passes, under a version that is new.
            String bytes =
                    withPayload(
                            good,
                            p ->
                                    p.replace("{action: block}", "{action: allow}")
                                            .replace("\"version\":1,", "\"version\":2,"));
            for (String bad : List.of(bytes, withSignature(good))) {
                company.replaceEnvelope(bad);
                try (AgentUnderTest agent = company.agent()) {
                    awaitPolicy(1, State.REFUSED);
                    isSaid("no signature by a trusted key", "in force: version 1");
                    blocks(agent, "first-rule");
                }
                company.replaceEnvelope(good);
                try (AgentUnderTest _ = company.agent()) {
                    awaitPolicy(1, State.FRESH);
                }
            }
            company.publish("second", "redact");
            try (AgentUnderTest agent = company.agent()) {
                awaitPolicy(2, State.FRESH);
                assertThat(policyCheck().path("state").asString()).isEqualTo("ok");
                assertThat(ServerUnderTest.ask(agent, "use " + SECRET)).contains(" 200 ");
            }
        }
    }

    @Test
    void policyOfTheSameVersionWithOtherWordsIsRefused() throws Exception {
        try (Server server = company.start()) {
            company.publish("first", "redact");
            company.enrol(server.token().orElseThrow());
        }
        Path before = company.copyDatabase();
        try (Server _ = company.start()) {
            company.publish("second", "block");
            try (AgentUnderTest _ = company.agent()) {
                awaitPolicy(2, State.FRESH);
            }
        }
        company.restoreDatabase(before);
        try (Server _ = company.start()) {
            company.publish("another-second", "warn"); // signed by the same key
            try (AgentUnderTest agent = company.agent()) {
                awaitPolicy(2, State.REFUSED);
                isSaid("version 2 was offered after version 2", "never rolled back or forked");
                blocks(agent, "second-rule");
            }
        }
    }

    @Test
    void policyThatExpiresStaysInForceIsSaidAndOneThatCameExpiredIsRefused() throws Exception {
        try (Server server = company.start()) {
            company.publish("first", "redact");
            company.enrol(server.token().orElseThrow());
            Instant end = Instant.now().plusSeconds(4);
            company.replaceEnvelope(signed(2, end, "short", "block"));
            try (AgentUnderTest agent = company.agent()) {
                awaitPolicy(2, State.FRESH);
                assertThat(Instant.now()).as("taken while it was good").isBefore(end);
                awaitPolicy(2, State.EXPIRED);
                assertThat(Instant.now()).isAfter(end);
                isSaid("version 2 has expired; it is still in force");
                blocks(agent, "short-rule");
            }
            company.replaceEnvelope(signed(3, Instant.now().minusSeconds(1), "late", "allow"));
            try (AgentUnderTest agent = company.agent()) {
                awaitPolicy(2, State.REFUSED);
                isSaid("version 3 had expired when it came", "in force: version 2");
                blocks(agent, "short-rule");
            }
        }
    }

    /** {@code doctor} calls the device unprotected, says why and what to do. */
    private void isSaid(String... what) {
        JsonNode check = policyCheck();
        assertThat(check.path("state").asString()).isEqualTo("bad");
        assertThat(check.path("says").asString()).contains(what);
        assertThat(check.path("remedy").asString()).isNotBlank();
        assertThat(doctor().path("protected").asBoolean(true)).isFalse();
    }

    /** The rule of the last good policy keeps the secret here. */
    private static void blocks(AgentUnderTest agent, String rule) throws Exception {
        assertThat(ServerUnderTest.ask(agent, "use " + SECRET))
                .contains(rule)
                .doesNotContain(" 200 ");
        assertThat(agent.received).noneMatch(b -> text(b).contains(SECRET));
    }

    /** What the server's own key signs. */
    private String signed(long version, Instant expires, String name, String action)
            throws IOException {
        Path keys = company.data().resolve("keys");
        BundleSigner signer =
                new BundleSigner(
                        new KeyPair(
                                BundleKeys.publicKey(
                                        Files.readAllBytes(keys.resolve("bundle.pub"))),
                                BundleKeys.privateKey(
                                        Files.readAllBytes(keys.resolve("bundle.key")))));
        return text(
                signer.sign(
                        new PolicyBundle(
                                version,
                                expires.minus(Duration.ofDays(1)),
                                expires,
                                ServerUnderTest.policy(name, action))));
    }

    private static String withPayload(String envelope, UnaryOperator<String> change) {
        ObjectNode outer = (ObjectNode) JSON.readTree(envelope);
        String payload = text(Base64.getDecoder().decode(outer.get("payload").asString()));
        String changed = change.apply(payload);
        assertThat(changed).isNotEqualTo(payload).contains("\"version\":2,");
        outer.put(
                "payload",
                Base64.getEncoder().encodeToString(changed.getBytes(StandardCharsets.UTF_8)));
        return outer.toString();
    }

    /** The same policy with one bit of the signature turned. */
    private static String withSignature(String envelope) {
        ObjectNode outer = (ObjectNode) JSON.readTree(envelope);
        ObjectNode first = (ObjectNode) outer.get("signatures").get(0);
        byte[] signature = Base64.getDecoder().decode(first.get("sig").asString());
        signature[17] ^= 1;
        first.put("sig", Base64.getEncoder().encodeToString(signature));
        return outer.toString();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private JsonNode doctor() {
        return JSON.readTree(AgentUnderTest.doctor(folder.resolve("agent")));
    }

    private JsonNode policyCheck() {
        for (JsonNode check : doctor().get("checks")) {
            if (check.get("name").asString().equals("policy-bundle")) {
                return check;
            }
        }
        throw new AssertionError("doctor does not speak of the policy");
    }

    /** Waits until the agent says that its policy stands so: it asks the server when it starts. */
    private void awaitPolicy(long version, State state) throws Exception {
        WholeProduct.awaitTrue(
                "version " + version + " " + state,
                () ->
                        company.sync()
                                .filter(s -> s.policyVersion() == version)
                                .filter(s -> s.policyState() == state)
                                .isPresent());
    }
}
