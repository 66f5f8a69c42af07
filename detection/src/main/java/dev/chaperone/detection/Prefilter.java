// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import dev.chaperone.detection.Detector.Trigger;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a text once and calls the detectors whose triggers stand in it.
 *
 * <p>An Aho-Corasick automaton (Aho and Corasick, CACM 18(6), 1975) as a dense table: one row a
 * state, one column a class of characters. Characters that occur in no keyword share class 0, both
 * cases of a letter share theirs. Runs of digits are counted beside it.
 */
final class Prefilter {
    private final byte[] classes = new byte[128];
    private final int width;
    private final char[] next;
    private final Call[][] calls;
    private final List<Detector> digits = new ArrayList<>();

    /** Which detector a state calls, and how long the keyword is. */
    private record Call(Detector detector, int length) {}

    private record Keyword(String literal, Detector detector) {}

    Prefilter(List<Detector> detectors) {
        List<Keyword> keywords = new ArrayList<>();
        for (Detector detector : detectors) {
            switch (detector.trigger()) {
                case Trigger.Keywords(var literals) -> {
                    for (String literal : literals) {
                        keywords.add(new Keyword(literal, detector));
                    }
                }
                case Trigger.Digits _ -> digits.add(detector);
            }
        }
        width = assignClasses(keywords);
        List<int[]> rows = new ArrayList<>();
        List<List<Call>> outputs = new ArrayList<>();
        buildTrie(keywords, rows, outputs);
        linkFailures(rows, outputs);
        next = new char[rows.size() * width];
        calls = new Call[rows.size()][];
        for (int state = 0; state < rows.size(); state++) {
            for (int c = 0; c < width; c++) {
                next[state * width + c] = (char) rows.get(state)[c];
            }
            calls[state] = outputs.get(state).toArray(new Call[0]);
        }
    }

    private int assignClasses(List<Keyword> keywords) {
        int count = 1;
        for (Keyword keyword : keywords) {
            for (char c : keyword.literal().toCharArray()) {
                char low = Character.toLowerCase(c);
                if (classes[low] == 0) {
                    classes[low] = (byte) count;
                    classes[Character.toUpperCase(low)] = (byte) count;
                    count++;
                }
            }
        }
        return count;
    }

    private void buildTrie(List<Keyword> keywords, List<int[]> rows, List<List<Call>> outputs) {
        addState(rows, outputs);
        for (Keyword keyword : keywords) {
            int state = 0;
            for (char c : keyword.literal().toCharArray()) {
                int to = rows.get(state)[classes[c]];
                if (to < 0) {
                    to = addState(rows, outputs);
                    rows.get(state)[classes[c]] = to;
                }
                state = to;
            }
            outputs.get(state).add(new Call(keyword.detector(), keyword.literal().length()));
        }
        if (rows.size() > Character.MAX_VALUE) {
            throw new IllegalStateException("too many keywords: " + rows.size() + " states");
        }
    }

    private int addState(List<int[]> rows, List<List<Call>> outputs) {
        int[] row = new int[width];
        Arrays.fill(row, -1);
        rows.add(row);
        outputs.add(new ArrayList<>());
        return rows.size() - 1;
    }

    private void linkFailures(List<int[]> rows, List<List<Call>> outputs) {
        int[] failure = new int[rows.size()];
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        int[] root = rows.getFirst();
        for (int c = 0; c < width; c++) {
            if (root[c] < 0) {
                root[c] = 0;
            } else {
                queue.add(root[c]);
            }
        }
        while (!queue.isEmpty()) {
            int state = queue.remove();
            outputs.get(state).addAll(outputs.get(failure[state]));
            int[] row = rows.get(state);
            for (int c = 0; c < width; c++) {
                int fallback = rows.get(failure[state])[c];
                if (row[c] < 0) {
                    row[c] = fallback;
                } else {
                    failure[row[c]] = fallback;
                    queue.add(row[c]);
                }
            }
        }
    }

    /** Calls every detector at each of its triggers, in text order. */
    void scan(ScanText text, Hits hits) {
        String value = text.value();
        int state = 0;
        int run = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            state = next[state * width + (c < 128 ? classes[c] : 0)];
            if (calls[state].length > 0) {
                for (Call call : calls[state]) {
                    hits.by(call.detector().name());
                    call.detector().inspect(text, i + 1 - call.length(), i + 1, hits);
                }
            }
            if (CharSet.DIGIT.has(c)) {
                run++;
            } else if (run > 0) {
                callDigits(text, i - run, i, hits);
                run = 0;
            }
        }
        if (run > 0) {
            callDigits(text, value.length() - run, value.length(), hits);
        }
    }

    private void callDigits(ScanText text, int start, int end, Hits hits) {
        for (Detector detector : digits) {
            if (detector.trigger() instanceof Trigger.Digits(int minimum)
                    && end - start >= minimum) {
                hits.by(detector.name());
                detector.inspect(text, start, end, hits);
            }
        }
    }
}
