// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import dev.chaperone.model.finding.Intent.Group;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Expands the templates of {@code src/train/intent-templates.txt} and {@code intent-phrases.txt}. A
 * section starts with {@code ## group}; a line is a template; {@code {a|b}} picks one; {@code
 * $word} is a list declared by {@code $word = a|b|c}.
 */
final class Templates {
    private final Map<String, String[]> lists = new HashMap<>();
    private final List<Template> templates = new ArrayList<>();

    private record Template(String source, Group group, String text) {}

    /** Adds the lists and templates of a file; lists are shared. */
    void add(String source, List<String> lines) {
        Group group = Group.UNKNOWN;
        for (String line : lines) {
            if (line.startsWith("## ")) {
                group = Group.valueOf(line.substring(3).strip().toUpperCase(Locale.ROOT));
            } else if (line.startsWith("$") && line.contains(" = ")) {
                int equals = line.indexOf(" = ");
                lists.put(line.substring(1, equals), line.substring(equals + 3).split("\\|"));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                templates.add(new Template(source, group, line));
            }
        }
    }

    List<TrainingRow> rows(String source, int variants, Random random) {
        List<TrainingRow> rows = new ArrayList<>();
        for (Template template : templates) {
            if (!template.source.equals(source)) {
                continue;
            }
            Set<String> texts = new LinkedHashSet<>();
            for (int i = 0; i < variants; i++) {
                texts.add(
                        (expand(template.text, random) + document(template.group, random))
                                .replace("[[", "{")
                                .replace("]]", "}"));
            }
            for (String text : texts) {
                rows.add(
                        new TrainingRow(
                                source,
                                TrainingData.index(template.group),
                                IntentFeatures.of(text)));
            }
        }
        return rows;
    }

    /** A pasted document below a fifth of the prompts, so that the model learns to look past it. */
    private String document(Group group, Random random) {
        if (group == Group.PERSONAL || random.nextInt(5) > 0) {
            return "";
        }
        return "\n\n" + document(random);
    }

    /** A document of some sentences that say nothing about the group. */
    String document(Random random) {
        StringBuilder document = new StringBuilder();
        for (int i = 3 + random.nextInt(25); i > 0; i--) {
            document.append(expand("$doc ", random));
        }
        return document.toString();
    }

    private String expand(String text, Random random) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            char c = text.charAt(i);
            if (c == '{') {
                int close = text.indexOf('}', i);
                out.append(
                        expand(
                                pick(text.substring(i + 1, close).split("\\|", -1), random),
                                random));
                i = close + 1;
            } else if (c == '$') {
                int end = i + 1;
                while (end < text.length() && Character.isLetter(text.charAt(end))) {
                    end++;
                }
                String[] list = lists.get(text.substring(i + 1, end));
                out.append(list == null ? text.substring(i, end) : pick(list, random));
                i = end;
            } else {
                out.append(c);
                i++;
            }
        }
        return out.toString();
    }

    private static String pick(String[] choices, Random random) {
        return choices[random.nextInt(choices.length)];
    }
}
