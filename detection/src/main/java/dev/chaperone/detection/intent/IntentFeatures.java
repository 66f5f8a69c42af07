// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.util.Arrays;

/**
 * What the intent model reads in a prompt: hashed words, stems, pairs of stems, words of the
 * opening, pieces of words and the form of the text (how long, whether it asks, what is pasted).
 * The instruction of a prompt stands at its edges, so only the first {@value #HEAD} and the last
 * {@value #TAIL} words count; what lies between is the pasted document. Hashes are computed in
 * place: no string is made for a feature.
 */
public final class IntentFeatures {
    /** Buckets of the hash; a power of two. */
    public static final int BUCKETS = 1 << 16;

    static final int HEAD = 60;
    static final int TAIL = 40;
    private static final int OPENING = 4;

    /** How many words at the start an instruction fills, and half as many at the end. */
    private static final int INSTRUCTION = 24;

    private static final float WORD = 1f;
    private static final float STEM = 0.7f;
    private static final float PAIR = 0.4f;
    private static final float APART = 0.1f;
    private static final float PIECE = 0.25f;
    private static final float FORM = 0.5f;

    private static final float FIRST = 0.3f;

    /** Texts up to this many words are all instruction. */
    private static final int SHORT = 30;

    /** How much a word of the first or last sentence counts in a longer text, and one between. */
    private static final float EDGE = 3f;

    private static final float BODY = 0.1f;

    private static final int PIECE_LENGTH = 4;

    private final FeatureSums sums = new FeatureSums();

    private IntentFeatures() {}

    /**
     * A sparse vector of length 1.
     *
     * @param buckets distinct indices below {@link #BUCKETS}, in no order
     * @param values as many weights
     */
    @SuppressWarnings("ArrayRecordComponent") // a hot value, never compared
    public record Vector(int[] buckets, float[] values) {
        /** Without the values: they come from a prompt. */
        @Override
        public String toString() {
            return "Vector[" + buckets.length + " features]";
        }
    }

    /** The features of a text; an empty vector for a text without words. */
    public static Vector of(String text) {
        IntentFeatures features = new IntentFeatures();
        IntentWords words = IntentWords.of(text);
        if (words.count() > 0) {
            features.read(words);
            features.form(words);
        }
        return features.sums.vector();
    }

    private void read(IntentWords words) {
        int count = words.count();
        int before = '^';
        int earlier = '^';
        for (int i = 0; i < count; i++) {
            if (i == HEAD && count > HEAD + TAIL) {
                i = count - TAIL;
            }
            float weight = weight(words, i);
            int stem = words.stem(i);
            add('w', words.hash(i), WORD * weight);
            add('s', stem, STEM * weight);
            add('b', pair(before, stem), PAIR * weight);
            if (weight >= 1) {
                add('k', pair(earlier, stem), APART);
            }
            if (i < words.opening()) {
                add('i', stem, FIRST);
            }
            if (i < OPENING) {
                add('o', stem, 1f);
            }
            pieces(words, i, weight);
            earlier = before;
            before = stem;
        }
    }

    /** In a long text the first and the last sentence or line ask; the rest is mostly pasted. */
    private static float weight(IntentWords words, int i) {
        int count = words.count();
        if (count <= SHORT) {
            return 1f;
        }
        if (i < words.opening() || i >= words.closing()) {
            return EDGE;
        }
        return i < INSTRUCTION || i >= count - INSTRUCTION / 2 ? 1f : BODY;
    }

    /** Pieces of a longer word with its borders, so that {@code <pre} differs from {@code pre}. */
    private void pieces(IntentWords words, int i, float weight) {
        int length = words.length(i);
        if (length <= PIECE_LENGTH) {
            return;
        }
        for (int at = -1; at + PIECE_LENGTH <= length + 1; at++) {
            int hash = IntentWords.SEED;
            for (int k = at; k < at + PIECE_LENGTH; k++) {
                hash = IntentWords.mix(hash, k < 0 ? '<' : k == length ? '>' : words.letter(i, k));
            }
            add('c', hash, PIECE * weight);
        }
    }

    /** How long the text is, whether it asks, and what is pasted. */
    private void form(IntentWords words) {
        int size = 32 - Integer.numberOfLeadingZeros(Math.min(words.count(), 127));
        add('n', size, FORM);
        for (int flag = 1; flag <= words.form(); flag <<= 1) {
            if ((words.form() & flag) != 0) {
                add('f', flag, FORM);
            }
        }
    }

    private static int pair(int first, int second) {
        return first * 0x01000193 + 31 * second;
    }

    private void add(char kind, int value, float weight) {
        int hash = (value ^ kind * 0x9E3779B1) * 0x85EBCA6B;
        hash ^= hash >>> 15;
        hash *= 0xC2B2AE35;
        sums.add((hash ^ hash >>> 16) & (BUCKETS - 1), weight);
    }

    /** Adds up the weights of equal buckets: a hash table with open addresses. */
    private static final class FeatureSums {
        private int[] keys = new int[2048]; // bucket + 1; 0 is free
        private float[] values = new float[2048];
        private int size;

        void add(int bucket, float weight) {
            int at = slot(bucket + 1);
            if (keys[at] == 0) {
                keys[at] = bucket + 1;
                size++;
            }
            values[at] += weight;
            if (size > keys.length / 2) {
                grow();
            }
        }

        private int slot(int key) {
            int at = key & (keys.length - 1);
            while (keys[at] != 0 && keys[at] != key) {
                at = (at + 1) & (keys.length - 1);
            }
            return at;
        }

        private void grow() {
            int[] oldKeys = keys;
            float[] oldValues = values;
            keys = new int[2 * oldKeys.length];
            values = new float[2 * oldKeys.length];
            for (int i = 0; i < oldKeys.length; i++) {
                if (oldKeys[i] != 0) {
                    int at = slot(oldKeys[i]);
                    keys[at] = oldKeys[i];
                    values[at] = oldValues[i];
                }
            }
        }

        /** Damps repetition and scales to length 1. */
        Vector vector() {
            int[] buckets = new int[size];
            float[] weights = new float[size];
            double norm = 0;
            int count = 0;
            for (int i = 0; i < keys.length; i++) {
                if (keys[i] != 0) {
                    buckets[count] = keys[i] - 1;
                    norm += values[i];
                    weights[count++] = (float) Math.sqrt(values[i]);
                }
            }
            float scale = size == 0 ? 0 : (float) (1 / Math.sqrt(norm));
            for (int i = 0; i < size; i++) {
                weights[i] *= scale;
            }
            return new Vector(Arrays.copyOf(buckets, count), weights);
        }
    }
}
