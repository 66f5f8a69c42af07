// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the intent model reads in a prompt: hashed words, pairs of words, words of the opening and
 * pieces of words. The instruction of a prompt stands at its edges, so only the first {@value
 * #HEAD} and the last {@value #TAIL} words count; what lies between is the pasted document.
 */
public final class IntentFeatures {
    /** Buckets of the hash; a power of two. */
    public static final int BUCKETS = 1 << 16;

    static final int HEAD = 60;
    static final int TAIL = 40;
    private static final int OPENING = 4;

    /** How many words at the start an instruction fills, and half as many at the end. */
    private static final int INSTRUCTION = 24;

    private static final int MOST_CHARS = 4000;

    private int[] buckets = new int[1024];
    private float[] values = new float[1024];
    private int size;

    private IntentFeatures() {}

    /**
     * A sparse vector of length 1.
     *
     * @param buckets indices below {@link #BUCKETS}, ascending and distinct
     * @param values as many weights
     */
    @SuppressWarnings("ArrayRecordComponent") // a hot value, never compared
    public record Vector(int[] buckets, float[] values) {}

    /** The features of a text; an empty vector for a text without words. */
    public static Vector of(String text) {
        IntentFeatures features = new IntentFeatures();
        features.read(words(text));
        return features.vector();
    }

    /** The words at the edges of a text, lower case, with digits written as 0. */
    static List<String> words(String text) {
        if (text.length() <= 2 * MOST_CHARS) {
            return edges(split(text));
        }
        List<String> words = new ArrayList<>(first(split(text.substring(0, MOST_CHARS)), HEAD));
        List<String> tail = split(text.substring(text.length() - MOST_CHARS));
        words.addAll(tail.subList(Math.max(0, tail.size() - TAIL), tail.size()));
        return words;
    }

    private static List<String> first(List<String> words, int count) {
        return words.subList(0, Math.min(count, words.size()));
    }

    private static List<String> edges(List<String> words) {
        if (words.size() <= HEAD + TAIL) {
            return words;
        }
        List<String> edges = new ArrayList<>(words.subList(0, HEAD));
        edges.addAll(words.subList(words.size() - TAIL, words.size()));
        return edges;
    }

    private static List<String> split(String text) {
        String plain = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i <= plain.length(); i++) {
            char c = i < plain.length() ? plain.charAt(i) : ' ';
            if (Character.isLetter(c) || c == '\'') {
                word.append(c);
            } else if (Character.isDigit(c)) {
                if (word.isEmpty() || word.charAt(word.length() - 1) != '0') {
                    word.append('0');
                }
            } else {
                flush(word, words);
                if ("{}()=;<>?`/\\|@#$%&*+".indexOf(c) >= 0) {
                    words.add(String.valueOf(c));
                }
            }
        }
        return words;
    }

    private static void flush(StringBuilder word, List<String> words) {
        if (!word.isEmpty() && word.length() <= 40) {
            words.add(word.toString());
        }
        word.setLength(0);
    }

    private void read(List<String> words) {
        String before = "^";
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            float weight = i < INSTRUCTION || i >= words.size() - INSTRUCTION / 2 ? 1f : 0.4f;
            add("w", word, weight);
            add("s", stem(word), 0.7f * weight);
            add("b", stem(before) + ' ' + stem(word), 0.7f * weight);
            if (i < OPENING) {
                add("o", stem(word), 1f);
            }
            if (word.length() > 4) {
                pieces('<' + word + '>', weight);
            }
            before = word;
        }
    }

    private void pieces(String word, float weight) {
        for (int i = 0; i + 4 <= word.length(); i++) {
            add("c", word.substring(i, i + 4), 0.25f * weight);
        }
    }

    /** A word without the endings that English, German, Spanish and French bend it by. */
    static String stem(String word) {
        for (String ending :
                new String[] {
                    "ations", "ation", "ingly", "ments", "ment", "ing", "ies", "ed", "es", "en",
                    "er", "s", "e"
                }) {
            if (word.length() - ending.length() >= 4 && word.endsWith(ending)) {
                return word.substring(0, word.length() - ending.length());
            }
        }
        return word;
    }

    private void add(String kind, String value, float weight) {
        int hash = 0x811C9DC5; // FNV-1a
        hash = (hash ^ kind.charAt(0)) * 0x01000193;
        for (int i = 0; i < value.length(); i++) {
            hash = (hash ^ value.charAt(i)) * 0x01000193;
        }
        hash ^= hash >>> 15;
        if (size == buckets.length) {
            buckets = Arrays.copyOf(buckets, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
        }
        buckets[size] = hash & (BUCKETS - 1);
        values[size++] = weight;
    }

    /** Adds up equal buckets, damps repetition and scales to length 1. */
    private Vector vector() {
        long[] order = new long[size];
        for (int i = 0; i < size; i++) {
            order[i] = ((long) buckets[i] << 32) | i;
        }
        Arrays.sort(order);
        int[] keys = new int[size];
        float[] sums = new float[size];
        int count = 0;
        for (long entry : order) {
            int bucket = (int) (entry >>> 32);
            if (count == 0 || keys[count - 1] != bucket) {
                keys[count++] = bucket;
            }
            sums[count - 1] += values[(int) entry];
        }
        double norm = 0;
        for (int i = 0; i < count; i++) {
            sums[i] = (float) Math.sqrt(sums[i]);
            norm += sums[i] * sums[i];
        }
        float scale = count == 0 ? 0 : (float) (1 / Math.sqrt(norm));
        for (int i = 0; i < count; i++) {
            sums[i] *= scale;
        }
        return new Vector(Arrays.copyOf(keys, count), Arrays.copyOf(sums, count));
    }
}
