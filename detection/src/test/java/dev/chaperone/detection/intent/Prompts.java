// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Prompts written for this project, in {@code src/train/prompts}: {@code ## intent} starts a
 * section, a line is a prompt, {@code \n} a line break, {@code \\} a backslash. A prompt is read as
 * it stands and in a few variants: with a greeting or a wish around it, in lower case, with a
 * typing error, with a document below or above.
 */
final class Prompts {
    static final int FAMILIES = 3;
    static final String SOURCE = "chaperone-prompts";

    private static final List<String> OPENINGS =
            List.of(
                    "Hi, ",
                    "Hello! ",
                    "hey ",
                    "Please ",
                    "pls ",
                    "Quick question: ",
                    "Can you help: ",
                    "I work in logistics. ",
                    "I'm new here. ",
                    "We are a mid-size company. ",
                    "You are a helpful assistant. ",
                    "Sorry to bother you again. ",
                    "Context: I lead a small team. ",
                    "As discussed, ",
                    "One more thing: ",
                    "Good morning, ",
                    "ok so ",
                    "For Monday: ",
                    "I need help. ",
                    "Task: ",
                    "As an expert in your field, ",
                    "Let's do this step by step. ",
                    "Bitte: ",
                    "Hallo, ",
                    "Hola, ",
                    "Bonjour, ",
                    "I am the team lead. ",
                    "Urgent! ");
    private static final List<String> CLOSINGS =
            List.of(
                    " thanks",
                    " Thank you!",
                    " asap",
                    " Keep it short.",
                    " Use bullet points.",
                    " please",
                    " max 200 words",
                    " Answer in English.",
                    " Explain your choice.",
                    " It is for my boss.",
                    " Not too long.",
                    " I need it by noon.",
                    " Danke!",
                    " as a table",
                    " thx",
                    " Be precise.",
                    " Ask me if anything is unclear.",
                    " step by step",
                    " Gracias",
                    " Merci",
                    ", no jargon",
                    " - it's urgent");

    private static final Set<String> WITH_DOCUMENT =
            Set.of("summarise", "translation", "rewrite_edit", "extract_classify");

    private final List<Prompt> all = new ArrayList<>();

    private record Prompt(int group, String intent, String text) {}

    static Prompts read(Path folder) throws IOException {
        Prompts prompts = new Prompts();
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
                prompts.add(Files.readAllLines(file, StandardCharsets.UTF_8));
            }
        }
        return prompts;
    }

    private void add(List<String> lines) {
        String intent = "";
        for (String line : lines) {
            if (line.startsWith("## ")) {
                intent = line.substring(3).strip();
            } else if (!line.isBlank() && !line.startsWith("# ")) {
                int group = TrainingData.group(intent);
                if (group < 0) {
                    throw new IllegalArgumentException("unknown intent " + intent);
                }
                all.add(new Prompt(group, intent, unescape(line)));
            }
        }
    }

    private static String unescape(String line) {
        return line.replace("\\\\", "\u0000").replace("\\n", "\n").replace('\u0000', '\\');
    }

    /**
     * The prompts of some families with their variants; every third prompt is a family.
     *
     * @param fold the family left out (or, with {@code only}, the one taken); -1 takes all
     */
    List<TrainingRow> rows(
            int variants, Templates documents, Random random, int fold, boolean only) {
        List<TrainingRow> rows = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (fold >= 0 && only != (i % FAMILIES == fold)) {
                continue;
            }
            Prompt prompt = all.get(i);
            Set<String> texts = new LinkedHashSet<>(List.of(prompt.text));
            for (int v = 0; v < variants; v++) {
                texts.add(variant(prompt, documents, random));
            }
            for (String text : texts) {
                rows.add(new TrainingRow(SOURCE, prompt.group, IntentFeatures.of(text)));
            }
        }
        return rows;
    }

    private static String variant(Prompt prompt, Templates documents, Random random) {
        String text = prompt.text;
        if (random.nextInt(3) == 0) {
            text = text.toLowerCase(Locale.ROOT);
        }
        if (random.nextInt(4) == 0) {
            text = typingError(text, random);
        }
        if (random.nextInt(3) == 0 && text.matches("(?s).*[.?!]")) {
            text = text.substring(0, text.length() - 1);
        }
        if (prompt.intent.equals("chitchat_meta")) {
            return text;
        }
        if (random.nextInt(5) < 2) {
            text = pick(OPENINGS, random) + text;
        }
        if (random.nextInt(5) < 2) {
            text = text + pick(CLOSINGS, random);
        }
        // Whoever asks for a text to be worked on mostly pastes it.
        int pasted = WITH_DOCUMENT.contains(prompt.intent) ? 4 : 12;
        return switch (random.nextInt(pasted)) {
            case 0, 1 -> text + "\n\n" + documents.document(random);
            case 2 -> documents.document(random) + "\n\n" + text;
            default -> text;
        };
    }

    private static String typingError(String text, Random random) {
        int at = random.nextInt(text.length());
        if (at + 1 >= text.length()
                || !Character.isLetter(text.charAt(at))
                || !Character.isLetter(text.charAt(at + 1))) {
            return text;
        }
        StringBuilder typed = new StringBuilder(text);
        if (random.nextBoolean()) {
            typed.deleteCharAt(at);
        } else {
            typed.setCharAt(at, text.charAt(at + 1));
            typed.setCharAt(at + 1, text.charAt(at));
        }
        return typed.toString();
    }

    private static String pick(List<String> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
