// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

/** Shannon's entropy of a value's characters. */
final class Entropy {
    private Entropy() {}

    /** Bits a character in [0, 7] of a range; characters beyond ASCII count as one. */
    static double bits(String text, int start, int end) {
        int[] counts = new int[128];
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            counts[c < 128 ? c : 0]++;
        }
        double bits = 0;
        double total = end - start;
        for (int count : counts) {
            if (count > 0) {
                double p = count / total;
                bits -= p * Math.log(p) / Math.log(2);
            }
        }
        return bits;
    }
}
