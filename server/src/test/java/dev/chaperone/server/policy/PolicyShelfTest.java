// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.policies.bundle.BundleKeys;
import dev.chaperone.policies.bundle.BundleSigner;
import dev.chaperone.server.SamplePolicy;
import dev.chaperone.server.store.SqliteStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyShelfTest {
    @TempDir Path folder;

    @Test
    void policyIsSignedAnewWhenHalfOfItsLifeIsOver() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-25T12:00:00Z"));
        try (var storage = SqliteStorage.open(folder.resolve("s.db"))) {
            PolicyShelf shelf =
                    new PolicyShelf(
                            storage,
                            now::get,
                            new BundleSigner(BundleKeys.generate()),
                            PolicyCheck::here);
            shelf.refresh();
            assertThat(shelf.current()).as("nothing published").isEmpty();
            byte[] yaml = SamplePolicy.YAML.getBytes(StandardCharsets.UTF_8);
            shelf.publish("me", "p.yaml", yaml);
            now.set(now.get().plus(Duration.ofDays(14)));
            shelf.refresh();
            assertThat(shelf.current().orElseThrow().version()).isEqualTo(1);
            now.set(now.get().plus(Duration.ofDays(2)));
            shelf.refresh();
            assertThat(shelf.current().orElseThrow().version()).isEqualTo(2);
            assertThat(shelf.current().orElseThrow().expires())
                    .isEqualTo(now.get().plus(PolicyShelf.LIFE));
        }
    }
}
