// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand seeded prompts with a random secret at a random place, escaped, encoded and cut in a
 * random way, half of them over HTTP/2: no six-character piece of it arrives upstream. The same
 * harness under an allowing policy finds it every time.
 */
class NothingLeaksTest {
    private static final int RUNS = 1000;

    private static final String REFUSE_ALL =
            """
            version: 1
            name: refuse
            defaults: {action: allow, on-timeout: redact, fail: redact, oversize: allow, unreadable: allow}
            rules:
              - id: nothing-goes
                stage: [request, tool]
                when: has("CREDENTIAL") || has("CREDIT_CARD")
                then: {action: block}
                tests:
                  - {text: "Refund ${sample.card} please", expect: block}
                  - {text: "Why does ${sample.aws-access-key} fail?", expect: block}
                  - {text: "What is an access key?", expect: allow}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /**
     * What became of the runs.
     *
     * @param leaked seeds of the runs in which a piece arrived
     */
    private record Report(SortedSet<Integer> leaked, int arrived, int overHttp2) {}

    @Test
    void noPieceOfARedactedSpanArrives() throws Exception {
        Report report = run(Optional.empty(), RUNS);
        assertThat(report.leaked).as("runs (the seed) in which a piece arrived").isEmpty();
        assertThat(report.overHttp2).isBetween(RUNS * 2 / 5, RUNS * 3 / 5);
        assertThat(report.arrived).as("redacted, not refused").isGreaterThan(RUNS * 4 / 5);
    }

    @Test
    void nothingOfARefusedMessageArrives() throws Exception {
        Path policy = Files.writeString(folder.resolve("refuse.yaml"), REFUSE_ALL);
        Report report = run(Optional.of(policy), RUNS / 5);
        assertThat(report.leaked).isEmpty();
        assertThat(report.arrived).isZero();
        assertThat(report.overHttp2).isPositive();
    }

    @Test
    void harnessFindsTheSecretWhereItIsLetThrough() throws Exception {
        Report report = run(Optional.of(Path.of("../../policies/allow-all.yaml")), RUNS / 10);
        assertThat(report.leaked).hasSize(RUNS / 10);
        assertThat(report.overHttp2).isBetween(RUNS / 25, RUNS * 3 / 50);
    }

    private Report run(Optional<Path> policy, int runs) throws Exception {
        Brotli4jLoader.ensureAvailability();
        SortedSet<Integer> leaked = new TreeSet<>();
        List<LeakCase> cases = new ArrayList<>();
        int arrived = 0;
        int overHttp2 = 0;
        LeakPath http1 = new Http1Path(folder.resolve("http1"), policy);
        LeakPath http2 = new Http2Path(folder.resolve("http2"), policy);
        try (http1;
                http2) {
            for (int i = 0; i < runs; i++) {
                LeakCase message = LeakCase.make(i);
                LeakPath.Arrived what = (message.http2() ? http2 : http1).carry(message);
                cases.add(message);
                arrived += what.nothing() ? 0 : 1;
                overHttp2 += message.http2() ? 1 : 0;
                if (message.leaksIn(what)) {
                    leaked.add(i);
                }
            }
            leaked.addAll(late(cases, everything(http1, false)));
            leaked.addAll(late(cases, everything(http2, true)));
        }
        return new Report(leaked, arrived, overHttp2);
    }

    /** Whatever arrived, up to a harmless message at the end. */
    private static byte[] everything(LeakPath path, boolean http2) throws Exception {
        for (String host : LeakCase.HOSTS) {
            assertThat(path.carry(LeakCase.harmless(host, http2)).nothing()).isFalse();
        }
        return path.everything();
    }

    /** Runs whose secret is among the bytes that arrived at any time, also after their answer. */
    private static SortedSet<Integer> late(List<LeakCase> cases, byte[] everything) {
        Map<String, Integer> pieces = new HashMap<>();
        cases.forEach(c -> c.pieces().forEach(p -> pieces.put(p, c.run())));
        SortedSet<Integer> found = new TreeSet<>();
        String raw = new String(everything, StandardCharsets.ISO_8859_1);
        for (int i = 0; i + LeakCase.PIECE <= raw.length(); i++) {
            Integer run = pieces.get(raw.substring(i, i + LeakCase.PIECE));
            if (run != null) {
                found.add(run);
            }
        }
        return found;
    }
}
