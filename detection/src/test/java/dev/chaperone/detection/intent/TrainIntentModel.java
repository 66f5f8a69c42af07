// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Trains the intent model and writes it with its hash: {@code mvn -Ptrain -pl detection -am
 * process-test-classes}. Arguments: corpus folder, module folder, date, {@code measure} to leave
 * each source out first.
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
    private static final float THRESHOLD = 0.24f;
    private static final int VARIANTS = Integer.getInteger("variants", 24);

    private TrainIntentModel() {}

    private static double number(String name, double otherwise) {
        return Double.parseDouble(System.getProperty(name, String.valueOf(otherwise)));
    }

    public static void main(String[] args) throws IOException {
        Path corpus = Path.of(args[0]);
        Path module = Path.of(args[1]);
        List<TrainingRow> rows =
                new ArrayList<>(TrainingData.corpus(corpus.resolve("train.jsonl.gz")));
        rows.addAll(
                TrainingData.templates(
                        module.resolve("src/train/intent-templates.txt"),
                        VARIANTS,
                        SETTINGS.seed()));
        if (args.length > 3 && args[3].equals("measure")) {
            leaveSourcesOut(rows);
        }
        SoftmaxTrainer trained = new SoftmaxTrainer(SETTINGS).train(rows);
        byte[] file = trained.file(1f, THRESHOLD);
        Path resources = module.resolve("src/main/resources/dev/chaperone/detection/intent");
        Files.createDirectories(resources);
        Files.write(resources.resolve(IntentModels.MODEL), file);
        String hash = IntentModels.sha256(file) + " " + args[2] + "\n";
        Files.writeString(resources.resolve(IntentModels.HASH), hash, StandardCharsets.US_ASCII);
        Confusion dev = new Confusion();
        LinearIntentModel model = LinearIntentModel.read(file);
        for (TrainingRow row : TrainingData.corpus(corpus.resolve("dev.jsonl.gz"))) {
            dev.add(row.group(), model.shares(row.features()), THRESHOLD, 1);
        }
        System.out.println("dev.jsonl (same sources as training: optimistic)\n" + dev);
        System.out.println(rows.size() + " rows, " + file.length + " bytes");
    }

    private static void leaveSourcesOut(List<TrainingRow> rows) {
        Set<String> sources = new TreeSet<>();
        rows.forEach(r -> sources.add(r.source()));
        Confusion all = new Confusion();
        for (String source : sources) {
            List<TrainingRow> rest = rows.stream().filter(r -> !r.source().equals(source)).toList();
            List<TrainingRow> held = rows.stream().filter(r -> r.source().equals(source)).toList();
            SoftmaxTrainer trainer = new SoftmaxTrainer(SETTINGS).train(rest);
            Confusion one = new Confusion();
            for (TrainingRow row : held) {
                double[] shares = trainer.shares(row.features());
                one.add(row.group(), shares, THRESHOLD, 1);
                all.add(row.group(), shares, THRESHOLD, 1 / Math.sqrt(held.size()));
            }
            System.out.printf("%-52s n %5d accuracy %.3f%n", source, held.size(), one.accuracy());
        }
        System.out.println("leave one source out, a source counts by the root of its rows\n" + all);
    }
}
