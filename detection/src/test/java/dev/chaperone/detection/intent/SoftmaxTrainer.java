// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import dev.chaperone.detection.intent.IntentFeatures.Vector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Multinomial logistic regression by AdaGrad (Duchi et al., JMLR 12, 2011) with L2, rows weighted
 * so that neither a large source nor a large group outweighs the others. Deterministic for a seed.
 */
final class SoftmaxTrainer {
    private static final int GROUPS = LinearIntentModel.GROUPS.length;

    /** The weights of the last epochs are averaged, which steadies those of rare words. */
    private static final int AVERAGED = 3;

    private final float[] weights = new float[IntentFeatures.BUCKETS * GROUPS];
    private final float[] squares = new float[IntentFeatures.BUCKETS * GROUPS];
    private final double[] bias = new double[GROUPS];
    private final Settings settings;

    /**
     * What is chosen by leaving sources out.
     *
     * @param epochs passes over the rows
     * @param rate of AdaGrad
     * @param decay L2, a step
     * @param sourcePower 0 counts rows, 1 counts each source and group as one
     * @param smoothing share of the target that goes to all groups alike
     */
    record Settings(
            int epochs,
            double rate,
            double decay,
            double sourcePower,
            double smoothing,
            long seed) {}

    SoftmaxTrainer(Settings settings) {
        this.settings = settings;
    }

    SoftmaxTrainer train(List<TrainingRow> rows) {
        Arrays.fill(squares, 1e-6f);
        double[] rowWeights = weights(rows);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            order.add(i);
        }
        Random random = new Random(settings.seed);
        float[] sum = new float[weights.length];
        for (int epoch = 0; epoch < settings.epochs; epoch++) {
            Collections.shuffle(order, random);
            double rate = settings.rate / (1 + 0.5 * epoch);
            for (int i : order) {
                step(rows.get(i), rowWeights[i], rate);
            }
            if (epoch >= settings.epochs - AVERAGED) {
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += weights[i] / AVERAGED;
                }
            }
        }
        System.arraycopy(sum, 0, weights, 0, sum.length);
        return this;
    }

    private double[] weights(List<TrainingRow> rows) {
        Map<String, Integer> cells = new HashMap<>();
        rows.forEach(r -> cells.merge(r.source() + '#' + r.group(), 1, Integer::sum));
        double[] weights = new double[rows.size()];
        double[] groups = new double[GROUPS];
        for (int i = 0; i < weights.length; i++) {
            TrainingRow row = rows.get(i);
            int cell = cells.getOrDefault(row.source() + '#' + row.group(), 1);
            weights[i] = Math.pow(Math.max(cell, 20), -settings.sourcePower);
            groups[row.group()] += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= rows.size() / (GROUPS * groups[rows.get(i).group()]);
        }
        return weights;
    }

    private void step(TrainingRow row, double weight, double rate) {
        double[] shares = shares(row.features());
        int[] buckets = row.features().buckets();
        float[] values = row.features().values();
        double off = settings.smoothing / GROUPS;
        for (int g = 0; g < GROUPS; g++) {
            double target = g == row.group() ? 1 - settings.smoothing + off : off;
            double error = Math.min(4, weight) * (shares[g] - target);
            bias[g] -= 0.02 * rate * error;
            for (int i = 0; i < buckets.length; i++) {
                int at = buckets[i] * GROUPS + g;
                double gradient = error * values[i] + settings.decay * weights[at];
                squares[at] += (float) (gradient * gradient);
                weights[at] -= (float) (rate * gradient / Math.sqrt(squares[at]));
            }
        }
    }

    double[] shares(Vector vector) {
        double[] scores = bias.clone();
        for (int i = 0; i < vector.buckets().length; i++) {
            for (int g = 0; g < GROUPS; g++) {
                scores[g] += weights[vector.buckets()[i] * GROUPS + g] * vector.values()[i];
            }
        }
        double most = Arrays.stream(scores).max().orElse(0);
        double sum = 0;
        for (int g = 0; g < GROUPS; g++) {
            scores[g] = Math.exp(scores[g] - most);
            sum += scores[g];
        }
        for (int g = 0; g < GROUPS; g++) {
            scores[g] /= sum;
        }
        return scores;
    }

    /** The model file of {@link LinearIntentModel}. */
    byte[] file(float temperature, float threshold) {
        ByteBuffer out = ByteBuffer.allocate(4 * (5 + 2 * GROUPS) + weights.length);
        out.putInt(LinearIntentModel.MAGIC).putInt(IntentFeatures.BUCKETS).putInt(GROUPS);
        out.putFloat(temperature).putFloat(threshold);
        for (double b : bias) {
            out.putFloat((float) b);
        }
        float[] scale = new float[GROUPS];
        for (int g = 0; g < GROUPS; g++) {
            // Clipping the few largest weights keeps the resolution of all others.
            float[] sizes = new float[IntentFeatures.BUCKETS];
            for (int b = 0; b < sizes.length; b++) {
                sizes[b] = Math.abs(weights[b * GROUPS + g]);
            }
            Arrays.sort(sizes);
            scale[g] = Math.max(1e-6f, sizes[(int) (sizes.length * 0.9999)] / 127);
            out.putFloat(scale[g]);
        }
        for (int i = 0; i < weights.length; i++) {
            out.put((byte) Math.clamp(Math.round(weights[i] / scale[i % GROUPS]), -127, 127));
        }
        return out.array();
    }
}
