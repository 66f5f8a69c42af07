// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.finding.Intent.Group;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Prompts written after the training text and never shown to the trainer. */
class UnseenPromptsTest {
    private static final IntentClassifier SHIPPED = IntentModels.shipped().classifier();
    private static final double SHARE_OF_A_GROUP = 2 / 3.0;
    private static final double SHARE_OF_ALL = 0.75;

    @ParameterizedTest
    @EnumSource(value = Group.class, names = "UNKNOWN", mode = Mode.EXCLUDE)
    void twoThirdsOfTheUnseenPromptsOfAGroupAreNamedRightly(Group group) throws IOException {
        List<String> prompts = prompts().getOrDefault(group, List.of());
        assertThat(prompts).hasSizeGreaterThanOrEqualTo(10);
        assertThat(right(group, prompts)).isGreaterThanOrEqualTo(prompts.size() * SHARE_OF_A_GROUP);
    }

    @Test
    void threeQuartersOfAllUnseenPromptsAreNamedRightly() throws IOException {
        double right = 0;
        int all = 0;
        for (Map.Entry<Group, List<String>> section : prompts().entrySet()) {
            right += right(section.getKey(), section.getValue());
            all += section.getValue().size();
        }
        assertThat(all).isGreaterThanOrEqualTo(80);
        assertThat(right).isGreaterThanOrEqualTo(all * SHARE_OF_ALL);
    }

    private static double right(Group group, List<String> prompts) {
        return prompts.stream().filter(p -> SHIPPED.classify(p).group() == group).count();
    }

    private static Map<Group, List<String>> prompts() throws IOException {
        Map<Group, List<String>> prompts = new EnumMap<>(Group.class);
        List<String> section = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith("## ")) {
                section = new ArrayList<>();
                prompts.put(Group.valueOf(line.substring(3).toUpperCase(Locale.ROOT)), section);
            } else if (!line.isBlank() && !line.startsWith("# ")) {
                section.add(line.replace("\\n", "\n"));
            }
        }
        return prompts;
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = UnseenPromptsTest.class.getResourceAsStream("prompts.txt")) {
            byte[] file = Objects.requireNonNull(in, "prompts.txt").readAllBytes();
            return new String(file, StandardCharsets.UTF_8).lines().toList();
        }
    }
}
