// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Trains the intent model and writes it with its hash: {@code mvn -Ptrain -pl detection -am
 * process-test-classes}. Arguments: corpus folder, module folder, date, {@code measure} to leave
 * each source and a third of our own prompts out first, or {@code only} to measure and write
 * nothing.
 */
public final class TrainIntentModel {
    private static final SoftmaxTrainer.Settings SETTINGS =
            new SoftmaxTrainer.Settings(
                    Integer.getInteger("epochs", 8),
                    number("rate", 0.15),
                    number("decay", 5e-4),
                    number("power", 0.6),
                    number("smoothing", 0.08),
                    20261125L);
    private static final float THRESHOLD = (float) number("threshold", 0.24);
    private static final int TEMPLATE_VARIANTS = Integer.getInteger("variants", 24);
    private static final int PHRASE_VARIANTS = Integer.getInteger("phrases", 150);
    private static final int PROMPT_VARIANTS = Integer.getInteger("prompts", 4);

    private final List<TrainingRow> corpus;
    private final Templates templates;
    private final Prompts prompts;

    private TrainIntentModel(List<TrainingRow> corpus, Templates templates, Prompts prompts) {
        this.corpus = corpus;
        this.templates = templates;
        this.prompts = prompts;
    }

    private static double number(String name, double otherwise) {
        return Double.parseDouble(System.getProperty(name, String.valueOf(otherwise)));
    }

    public static void main(String[] args) throws IOException {
        Path rows = Path.of(args[0]);
        Path module = Path.of(args[1]);
        String mode = args.length > 3 ? args[3] : "";
        TrainIntentModel training =
                new TrainIntentModel(
                        TrainingData.corpus(rows.resolve("train.jsonl.gz")),
                        TrainingData.templates(module.resolve("src/train")),
                        Prompts.read(module.resolve("src/train/prompts")));
        if (!mode.isEmpty()) {
            if (!mode.equals("families")) {
                training.leaveSourcesOut();
            }
            training.leaveFamiliesOut();
        }
        if (mode.isEmpty() || mode.equals("measure")) {
            byte[] file = training.write(module, args[2]);
            dev(file, TrainingData.corpus(rows.resolve("dev.jsonl.gz")));
        }
    }

    /** All rows; of our own prompts without family {@code fold}, or all with -1. */
    private List<TrainingRow> rows(int fold) {
        Random random = new Random(SETTINGS.seed());
        List<TrainingRow> rows = new ArrayList<>(corpus);
        rows.addAll(templates.rows(TrainingData.TEMPLATES, TEMPLATE_VARIANTS, random));
        rows.addAll(templates.rows(TrainingData.PHRASES, PHRASE_VARIANTS, random));
        rows.addAll(prompts.rows(PROMPT_VARIANTS, templates, random, fold, false));
        return rows;
    }

    private byte[] write(Path module, String date) throws IOException {
        List<TrainingRow> rows = rows(-1);
        byte[] file = new SoftmaxTrainer(SETTINGS).train(rows).file(1f, THRESHOLD);
        Path resources = module.resolve("src/main/resources/dev/chaperone/detection/intent");
        Files.createDirectories(resources);
        Files.write(resources.resolve(IntentModels.MODEL), file);
        String hash = IntentModels.sha256(file) + " " + date + "\n";
        Files.writeString(resources.resolve(IntentModels.HASH), hash, StandardCharsets.US_ASCII);
        System.out.println(rows.size() + " rows, " + file.length + " bytes");
        return file;
    }

    private static void dev(byte[] file, List<TrainingRow> rows) {
        LinearIntentModel model = LinearIntentModel.read(file);
        Confusion dev = new Confusion();
        for (TrainingRow row : rows) {
            dev.add(row.group(), model.shares(row.features()), THRESHOLD, 1);
        }
        System.out.println("dev.jsonl (same sources as training: optimistic)\n" + dev);
    }

    private void leaveSourcesOut() {
        List<TrainingRow> rows = rows(-1);
        Set<String> sources = new TreeSet<>();
        rows.forEach(r -> sources.add(r.source()));
        sources.remove(Prompts.SOURCE);
        Confusion all = new Confusion();
        Confusion foreign = new Confusion();
        sources.parallelStream()
                .map(source -> leaveOut(source, rows))
                .forEachOrdered(result -> {
                    System.out.println(result.one.line(result.source, result.rows));
                    all.add(result.one, 1 / Math.sqrt(result.rows));
                    if (!result.source.startsWith("chaperone")) {
                        foreign.add(result.one, 1 / Math.sqrt(result.rows));
                    }
                });
        System.out.println("one source left out, each counts by the root of its rows\n" + all);
        System.out.println("the same, only sources that are not ours\n" + foreign);
    }

    private record LeftOut(String source, int rows, Confusion one) {}

    private static LeftOut leaveOut(String source, List<TrainingRow> rows) {
        List<TrainingRow> rest = rows.stream().filter(r -> !r.source().equals(source)).toList();
        List<TrainingRow> held = rows.stream().filter(r -> r.source().equals(source)).toList();
        return new LeftOut(source, held.size(), test(rest, held));
    }

    private static Confusion test(List<TrainingRow> rest, List<TrainingRow> held) {
        SoftmaxTrainer trainer = new SoftmaxTrainer(SETTINGS).train(rest);
        Confusion one = new Confusion();
        for (TrainingRow row : held) {
            one.add(row.group(), trainer.shares(row.features()), THRESHOLD, 1);
        }
        return one;
    }

    private void leaveFamiliesOut() {
        Confusion all = new Confusion();
        IntStream.range(0, Prompts.FAMILIES)
                .parallel()
                .mapToObj(fold ->
                        test(rows(fold), prompts.rows(0, templates, new Random(1), fold, true)))
                .forEachOrdered(one -> all.add(one, 1));
        System.out.println("each third of our own prompts left out\n" + all);
    }
}
