// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import dev.chaperone.model.finding.Intent.Group;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the corpus of labelled prompts and the project's own templates. */
final class TrainingData {
    static final String TEMPLATES = "chaperone-templates";
    static final String PHRASES = "chaperone-phrases";

    private static final Map<String, Group> WORK =
            Map.ofEntries(
                    Map.entry("coding_generate", Group.CODE),
                    Map.entry("coding_debug", Group.CODE),
                    Map.entry("code_review_explain", Group.CODE),
                    Map.entry("it_security_ops", Group.CODE),
                    Map.entry("email_drafting", Group.WRITING),
                    Map.entry("document_writing", Group.WRITING),
                    Map.entry("rewrite_edit", Group.WRITING),
                    Map.entry("translation", Group.WRITING),
                    Map.entry("summarise", Group.WRITING),
                    Map.entry("data_analysis", Group.ANALYSIS),
                    Map.entry("extract_classify", Group.ANALYSIS),
                    Map.entry("research_qa", Group.RESEARCH),
                    Map.entry("learning_training", Group.RESEARCH),
                    Map.entry("brainstorm_ideation", Group.RESEARCH),
                    Map.entry("planning_meetings", Group.RESEARCH),
                    Map.entry("legal_contract", Group.REGULATED),
                    Map.entry("hr_people", Group.REGULATED),
                    Map.entry("finance_forecast", Group.REGULATED),
                    Map.entry("medical_health", Group.REGULATED),
                    Map.entry("customer_support", Group.CUSTOMER),
                    Map.entry("marketing_sales", Group.CUSTOMER),
                    Map.entry("image_media", Group.CUSTOMER),
                    Map.entry("personal_use", Group.PERSONAL),
                    Map.entry("chitchat_meta", Group.PERSONAL));

    private TrainingData() {}

    /** The rows of a corpus file that claim an intent. */
    static List<TrainingRow> corpus(Path file) throws IOException {
        JsonMapper json = JsonMapper.builder().build();
        List<TrainingRow> rows = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode row = json.readTree(line);
                JsonNode intent = row.path("labels").path("intent");
                if (intent.isString()) {
                    rows.add(
                            new TrainingRow(
                                    row.path("source").asString(""),
                                    group(intent.asString()),
                                    IntentFeatures.of(row.path("text").asString(""))));
                }
            }
        }
        return rows;
    }

    /** The index of an intent's group; -1 for an unknown intent. */
    static int group(String intent) {
        Group group =
                intent.startsWith("risk_") ? Group.RISK : WORK.getOrDefault(intent, Group.UNKNOWN);
        return index(group);
    }

    static int index(Group group) {
        return List.of(LinearIntentModel.GROUPS).indexOf(group);
    }

    /** The project's own templates. */
    static Templates templates(Path folder) throws IOException {
        Templates templates = new Templates();
        templates.add(TEMPLATES, Files.readAllLines(folder.resolve("intent-templates.txt")));
        templates.add(PHRASES, Files.readAllLines(folder.resolve("intent-phrases.txt")));
        return templates;
    }
}
