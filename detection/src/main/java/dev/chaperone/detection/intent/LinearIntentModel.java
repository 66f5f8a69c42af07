// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.finding.Intent.Group;
import java.nio.ByteBuffer;

/**
 * A linear head over {@link IntentFeatures}: one weight of eight bits a bucket and group, softmax
 * on top. Immutable.
 *
 * <p>File, big endian: magic {@code CHI2} (the 2 names the features that the weights belong to),
 * buckets (int), groups (int), temperature (float), threshold (float), bias a group (float), scale
 * a group (float), weights by bucket then group (signed byte).
 */
public final class LinearIntentModel implements IntentClassifier {
    static final int MAGIC = 0x43484932;

    /** The groups in the order of the file. */
    static final Group[] GROUPS = {
        Group.CODE,
        Group.WRITING,
        Group.ANALYSIS,
        Group.RESEARCH,
        Group.REGULATED,
        Group.CUSTOMER,
        Group.PERSONAL,
        Group.RISK
    };

    private static final int FEWEST_LETTERS = 3;
    private final float[] bias;
    private final float[] scale;
    private final byte[] weights;
    private final float temperature;

    /** A single word ("Another?") says little: only a clear one ("hello") names a group. */
    private static final double ONE_WORD = 0.6;

    private final float threshold;

    private LinearIntentModel(
            float[] bias, float[] scale, byte[] weights, float temperature, float threshold) {
        this.bias = bias;
        this.scale = scale;
        this.weights = weights;
        this.temperature = temperature;
        this.threshold = threshold;
    }

    /**
     * Reads a model.
     *
     * @throws IllegalArgumentException when the bytes are no model of this version
     */
    public static LinearIntentModel read(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file);
        int head = 4 * (5 + 2 * GROUPS.length);
        int size = IntentFeatures.BUCKETS * GROUPS.length;
        if (file.length != head + size
                || in.getInt() != MAGIC
                || in.getInt() != IntentFeatures.BUCKETS
                || in.getInt() != GROUPS.length) {
            throw new IllegalArgumentException("not an intent model of version 2");
        }
        float temperature = in.getFloat();
        float threshold = in.getFloat();
        float[] bias = floats(in);
        float[] scale = floats(in);
        byte[] weights = new byte[size];
        in.get(weights);
        return new LinearIntentModel(bias, scale, weights, temperature, threshold);
    }

    private static float[] floats(ByteBuffer in) {
        float[] values = new float[GROUPS.length];
        for (int g = 0; g < values.length; g++) {
            values[g] = in.getFloat();
        }
        return values;
    }

    @Override
    public Intent classify(String text) {
        if (text.codePoints().filter(Character::isLetter).limit(FEWEST_LETTERS).count()
                < FEWEST_LETTERS) {
            return Intent.UNKNOWN;
        }
        double[] shares = shares(IntentFeatures.of(text));
        int best = 0;
        for (int g = 1; g < shares.length; g++) {
            best = shares[g] > shares[best] ? g : best;
        }
        boolean oneWord = text.strip().chars().noneMatch(Character::isWhitespace);
        return shares[best] < (oneWord ? ONE_WORD : threshold)
                ? new Intent(Group.UNKNOWN, shares[best])
                : new Intent(GROUPS[best], shares[best]);
    }

    /** The probability of each group, in the order of {@link #GROUPS}. */
    double[] shares(IntentFeatures.Vector vector) {
        double[] scores = new double[GROUPS.length];
        int[] buckets = vector.buckets();
        for (int i = 0; i < buckets.length; i++) {
            int row = buckets[i] * GROUPS.length;
            float value = vector.values()[i];
            for (int g = 0; g < scores.length; g++) {
                scores[g] += value * weights[row + g];
            }
        }
        double most = Double.NEGATIVE_INFINITY;
        for (int g = 0; g < scores.length; g++) {
            scores[g] = (scores[g] * scale[g] + bias[g]) / temperature;
            most = Math.max(most, scores[g]);
        }
        double sum = 0;
        for (int g = 0; g < scores.length; g++) {
            scores[g] = Math.exp(scores[g] - most);
            sum += scores[g];
        }
        for (int g = 0; g < scores.length; g++) {
            scores[g] /= sum;
        }
        return scores;
    }
}
