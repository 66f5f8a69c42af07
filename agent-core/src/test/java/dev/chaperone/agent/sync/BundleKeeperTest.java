// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.sync.BundleKeeper.State;
import dev.chaperone.model.sync.PolicyBundle;
import dev.chaperone.policies.bundle.BundleKeys;
import dev.chaperone.policies.bundle.BundleSigner;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleKeeperTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final KeyPair KEYS = BundleKeys.generate();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private Instant now = NOW;

    private BundleKeeper keeper() throws IOException {
        ServerLink link =
                new ServerLink(
                        "d",
                        null,
                        "",
                        "",
                        URI.create("https://h"),
                        Base64.getEncoder().encodeToString(KEYS.getPublic().getEncoded()),
                        "k");
        return new BundleKeeper(folder, link, () -> now);
    }

    private static byte[] bundle(KeyPair keys, long version, String name, Instant expires) {
        String policy =
                """
                version: 1
                name: %s
                defaults: {action: allow}
                rules:
                  - id: cards
                    stage: request
                    when: has("CREDIT_CARD")
                    then: {action: redact}
                    tests:
                      - {findings: [CREDIT_CARD], expect: redact}
                      - {findings: [URL], expect: allow}
                """
                        .formatted(name);
        return new BundleSigner(keys).sign(new PolicyBundle(version, NOW, expires, policy));
    }

    private static byte[] bundle(long version, String name) {
        return bundle(KEYS, version, name, NOW.plus(Duration.ofDays(30)));
    }

    @Test
    void newerBundleComesIntoForceAndSurvivesARestart() throws Exception {
        BundleKeeper keeper = keeper();
        assertThat(keeper.load()).isEmpty();
        assertThat(keeper.state()).isEqualTo(State.NONE);
        assertThat(keeper.offer(bundle(1, "one"))).isPresent();
        assertThat(keeper.offer(bundle(2, "two")).orElseThrow().version()).isEqualTo(2);
        BundleKeeper restarted = keeper();
        assertThat(restarted.load().orElseThrow().document().name()).isEqualTo("two");
        assertThat(restarted.state()).isEqualTo(State.FRESH);
    }

    @Test
    void sameBundleAgainIsNothingNew() throws Exception {
        BundleKeeper keeper = keeper();
        byte[] one = bundle(1, "one");
        keeper.offer(one);
        assertThat(keeper.offer(one)).isEmpty();
        assertThat(keeper.state()).isEqualTo(State.FRESH);
    }

    @Test
    void olderVersionIsRefusedAlsoAfterARestart() throws Exception {
        keeper().offer(bundle(5, "five"));
        BundleKeeper keeper = keeper();
        keeper.load();
        assertThat(keeper.offer(bundle(4, "four"))).isEmpty();
        assertThat(keeper.state()).isEqualTo(State.REFUSED);
        assertThat(keeper.problem()).contains("version 4").contains("never rolled back");
        assertThat(keeper.version()).isEqualTo(5);
    }

    @Test
    void rollBackIsRefusedThoughTheFilesAreGone() throws Exception {
        keeper().offer(bundle(5, "five"));
        Files.delete(folder.resolve("bundles/current.json"));
        BundleKeeper keeper = keeper();
        assertThat(keeper.load()).isEmpty();
        assertThat(keeper.offer(bundle(4, "four"))).isEmpty();
        assertThat(keeper.offer(bundle(6, "six"))).isPresent();
    }

    @Test
    void olderFilePutBackIsSaidAndMendedByTheServer() throws Exception {
        byte[] two = bundle(2, "two");
        BundleKeeper keeper = keeper();
        keeper.offer(bundle(1, "one"));
        keeper.offer(two);
        Files.copy(
                folder.resolve("bundles/previous.json"),
                folder.resolve("bundles/current.json"),
                StandardCopyOption.REPLACE_EXISTING);
        BundleKeeper restarted = keeper();
        assertThat(restarted.load().orElseThrow().version()).isEqualTo(1);
        assertThat(restarted.state()).isEqualTo(State.REFUSED);
        assertThat(restarted.problem()).contains("version 1").contains("version 2");
        assertThat(restarted.offer(two)).isPresent();
        assertThat(restarted.state()).isEqualTo(State.FRESH);
    }

    @Test
    void otherContentOfTheSameVersionIsAForkAndRefused() throws Exception {
        BundleKeeper keeper = keeper();
        keeper.offer(bundle(3, "three"));
        assertThat(keeper.offer(bundle(3, "other"))).isEmpty();
        assertThat(keeper.state()).isEqualTo(State.REFUSED);
    }

    @Test
    void changedByteOrForeignKeyIsRefusedAndTheLastGoodStays() throws Exception {
        BundleKeeper keeper = keeper();
        keeper.offer(bundle(1, "one"));
        String forged =
                new String(bundle(2, "two"), StandardCharsets.UTF_8)
                        .replaceFirst("payload\":\"e", "payload\":\"f");
        assertThat(keeper.offer(forged.getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(keeper.state()).isEqualTo(State.REFUSED);
        Instant later = NOW.plus(Duration.ofDays(1));
        assertThat(keeper.offer(bundle(BundleKeys.generate(), 9, "nine", later))).isEmpty();
        assertThat(keeper.version()).isEqualTo(1);
        assertThat(keeper.offer(bundle(2, "two"))).as("a good one is still taken").isPresent();
        assertThat(keeper.problem()).isNull();
    }

    @Test
    void bundleThatHasExpiredIsNotTakenAndOneThatExpiresIsSaid() throws Exception {
        BundleKeeper keeper = keeper();
        assertThat(keeper.offer(bundle(KEYS, 1, "old", NOW.minusSeconds(1).plusSeconds(1))))
                .isEmpty();
        keeper.offer(bundle(KEYS, 2, "two", NOW.plusSeconds(60)));
        assertThat(keeper.state()).isEqualTo(State.FRESH);
        now = NOW.plusSeconds(60);
        assertThat(keeper.state()).isEqualTo(State.EXPIRED);
        assertThat(keeper.version()).isEqualTo(2);
    }

    @Test
    void policyThatDoesNotCompileIsRefused() throws Exception {
        BundleKeeper keeper = keeper();
        byte[] bad =
                new BundleSigner(KEYS)
                        .sign(
                                new PolicyBundle(
                                        1,
                                        NOW,
                                        NOW.plusSeconds(60),
                                        "version: 1\nname: x\nruls: []\n"));
        assertThat(keeper.offer(bad)).isEmpty();
        assertThat(keeper.problem()).contains("bundle 1:3").contains("ruls");
    }

    @Test
    void damagedFileIsRepairedByTheSameVersionAndByNoOther() throws Exception {
        byte[] two = bundle(2, "two");
        BundleKeeper keeper = keeper();
        keeper.offer(bundle(1, "one"));
        keeper.offer(two);
        Files.writeString(folder.resolve("bundles/current.json"), "{");
        BundleKeeper restarted = keeper();
        assertThat(restarted.load()).isPresent();
        assertThat(restarted.offer(bundle(2, "forked"))).isEmpty();
        assertThat(restarted.offer(bundle(1, "one"))).isEmpty();
        assertThat(restarted.offer(two).orElseThrow().document().name()).isEqualTo("two");
        assertThat(restarted.state()).isEqualTo(State.FRESH);
        assertThat(keeper().load().orElseThrow().version()).isEqualTo(2);
    }

    @Test
    void damagedFileFallsBackToThePreviousBundle() throws Exception {
        BundleKeeper keeper = keeper();
        keeper.offer(bundle(1, "one"));
        keeper.offer(bundle(2, "two"));
        Files.writeString(folder.resolve("bundles/current.json"), "{");
        BundleKeeper restarted = keeper();
        assertThat(restarted.load().orElseThrow().document().name()).isEqualTo("one");
        assertThat(restarted.state()).isEqualTo(State.REFUSED);
    }
}
