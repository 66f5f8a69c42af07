// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

/** Counts predictions and says precision, recall and F1 of each group. */
final class Confusion {
    private static final int GROUPS = LinearIntentModel.GROUPS.length;
    private final double[][] counts = new double[GROUPS][GROUPS + 1];

    void add(int truth, double[] shares, double threshold, double weight) {
        int best = 0;
        for (int g = 1; g < GROUPS; g++) {
            best = shares[g] > shares[best] ? g : best;
        }
        counts[truth][shares[best] < threshold ? GROUPS : best] += weight;
    }

    void add(Confusion other, double weight) {
        for (int t = 0; t < GROUPS; t++) {
            for (int g = 0; g <= GROUPS; g++) {
                counts[t][g] += weight * other.counts[t][g];
            }
        }
    }

    String line(String source, int rows) {
        return String.format("%-52s n %5d accuracy %.3f", source, rows, accuracy());
    }

    double accuracy() {
        double right = 0;
        double all = 0;
        for (int t = 0; t < GROUPS; t++) {
            right += counts[t][t];
            for (double count : counts[t]) {
                all += count;
            }
        }
        return right / all;
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        double sum = 0;
        for (int g = 0; g < GROUPS; g++) {
            double truth = 0;
            double said = 0;
            for (int x = 0; x <= GROUPS; x++) {
                truth += counts[g][x];
                said += x < GROUPS ? counts[x][g] : 0;
            }
            double p = said == 0 ? 0 : counts[g][g] / said;
            double r = truth == 0 ? 0 : counts[g][g] / truth;
            double f1 = p + r == 0 ? 0 : 2 * p * r / (p + r);
            sum += f1;
            out.append(
                    String.format(
                            "%-10s P %.3f R %.3f F1 %.3f  weight %.0f%n",
                            LinearIntentModel.GROUPS[g].id(), p, r, f1, truth));
        }
        return out.append(String.format("macro-F1 %.3f accuracy %.3f%n", sum / GROUPS, accuracy()))
                .toString();
    }
}
