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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Prompts written after the training text and never shown to the trainer. */
class UnseenPromptsTest {
    private static final IntentClassifier SHIPPED = IntentModels.shipped().classifier();
    private static final double SHARE = 0.8;

    @ParameterizedTest
    @EnumSource(value = Group.class, names = "UNKNOWN", mode = Mode.EXCLUDE)
    void fourOfFivePromptsOfAGroupAreNamedRightly(Group group) throws IOException {
        List<String> prompts = prompts().getOrDefault(group, List.of());
        assertThat(prompts).hasSizeGreaterThanOrEqualTo(10);
        List<String> wrong =
                prompts.stream().filter(p -> SHIPPED.classify(p).group() != group).toList();
        assertThat(wrong).hasSizeLessThanOrEqualTo((int) (prompts.size() * (1 - SHARE)));
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
